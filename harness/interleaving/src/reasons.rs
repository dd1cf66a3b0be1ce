//! What explains a verdict, found in the steps alone: the pair that should have ordered two accesses, the update or the wakeup that is
//! lost, the circle of those who wait for each other, since when nothing changes any more.

use crate::failure::{Wait, WaitsFor};
use crate::memory::Site;
use crate::order::order_of;
use crate::step::{Action, Step};
use crate::verdict::{Teller, holder};
use crate::words::{self, name};
use std::fmt::Write;

impl Teller<'_> {
    /// What a thread did somewhere, the last time before another step.
    pub(crate) fn step_at(&self, site: Site, before: usize) -> Option<usize> {
        let steps = &self.log.steps[..before];
        steps.iter().rposition(|step| step.thread == site.thread && step.at == site.at)
    }

    /// `step 7, `self.locked.store(false, Relaxed)` of thread 1`.
    pub(crate) fn step_of(&mut self, index: usize) -> String {
        let step = &self.log.steps[index];
        let expression = self.sources.expression(step.at).map(|text| format!(" `{text}`")).unwrap_or_default();
        format!("{}'s{expression} (step {})", name(self.log, step.thread), index + 1)
    }

    /// The pair of operations that should have ordered what two threads did.
    pub(crate) fn unordered(&self, first: Site, second: Site) -> Vec<usize> {
        let Some(later) = self.step_at(second, self.log.steps.len()) else { return Vec::new() };
        let pair = self.step_at(first, later).and_then(|first| self.order.missing(&self.log.steps, first, later));
        pair.map(|pair| vec![pair.store, pair.load]).unwrap_or_default()
    }

    /// Which pair of operations should have ordered two accesses.
    pub(crate) fn missing(&mut self, first: Site, second: Site) -> Option<String> {
        let steps = &self.log.steps;
        let later = steps.iter().rposition(|step| step.thread == second.thread && step.at == second.at);
        let later = later.unwrap_or_else(|| steps.len().saturating_sub(1));
        let first = self.step_at(first, later)?;
        if self.order.is_before(steps, first, later) {
            return None;
        }
        let Some(unordered) = self.order.missing(steps, first, later) else {
            let (one, other) = (name(self.log, steps[first].thread), name(self.log, second.thread));
            if self.is_started_before(second.thread, steps[first].thread, first) {
                return Some(format!(
                    "{one} went on to step {} without having waited for {other}'s end. A join would order the two.",
                    first + 1
                ));
            }
            return Some(format!(
                "Between step {} and step {}, {other} has looked at nothing that {one} did since. So nothing tells {other} how far \
                 {one} is: a lock that both take, a message, a join, or a Release that an Acquire reads would.",
                first + 1,
                later + 1
            ));
        };
        let ordering = |index: usize| order_of(&steps[index]).map(|order| format!("{order:?}")).unwrap_or_default();
        let (store_order, load_order) = (ordering(unordered.store), ordering(unordered.load));
        let (store, load) = (self.step_of(unordered.store), self.step_of(unordered.load));
        let why = match (unordered.store_publishes, unordered.load_acquires) {
            (false, true) => format!("a store with {store_order} publishes nothing of what came before it. Release would"),
            (true, false) => format!("a load with {load_order} learns nothing of what came before the store. Acquire would"),
            _ => format!(
                "a store with {store_order} publishes nothing, and a load with {load_order} learns nothing. It takes both: Release \
                 on the one side, Acquire on the other"
            ),
        };
        Some(format!("The pair that should order them: {load} did read what {store} had stored, but {why}."))
    }

    /// Whether `child` was started before a step, by `parent` or by a thread that it has started, and not joined by then.
    pub(crate) fn is_started_before(&self, child: usize, parent: usize, step: usize) -> bool {
        let before = &self.log.steps[..step];
        let is_start = |step: &&Step| matches!(step.action, Action::Spawn { child: started } if started == child);
        let started = before.iter().find(is_start).is_some_and(|step| step.thread == parent);
        started && !before.iter().any(|step| matches!(step.action, Action::Join { child: joined, .. } if joined == child))
    }

    /// Since when what a thread looks at again and again has been as it is.
    pub(crate) fn stays(&mut self, look: Site) -> Option<String> {
        let steps = &self.log.steps;
        let last = steps.iter().rfind(|step| step.thread == look.thread && step.at == look.at)?;
        let object = last.object?;
        let value = match last.action {
            Action::Load { value, .. } => value,
            Action::CompareExchange { found, .. } => found,
            Action::ReadModifyWrite { old, .. } => old,
            _ => return None,
        };
        let changes = |step: &Step| match step.action {
            Action::Store { value: new, .. } => new == value,
            Action::ReadModifyWrite { old, new, .. } => new == value && old != new,
            Action::CompareExchange { new, exchanged, .. } => exchanged && new == value,
            _ => false,
        };
        let name = &self.names[object];
        let change = steps.iter().rposition(|step| step.object == Some(object) && changes(step));
        let in_vain = self.tried_in_vain(look);
        let mut told = match change {
            Some(change) => format!("`{name}` is {value} since {}", self.step_of(change)),
            None => format!("`{name}` is {value} from the beginning"),
        };
        match in_vain {
            Some(step) => {
                let step = self.step_of(step);
                let _ = write!(told, ". {step} has tried to change that, and failed; nobody tries any more.");
            }
            None => told.push_str(", and nobody changes that any more."),
        }
        Some(told)
    }

    /// The last exchange, of a thread that no longer runs, on what another one looks at again and again: it failed.
    pub(crate) fn tried_in_vain(&self, look: Site) -> Option<usize> {
        let steps = &self.log.steps;
        let object = steps.iter().rfind(|step| step.thread == look.thread && step.at == look.at)?.object?;
        let in_vain = |step: &Step| {
            step.object == Some(object)
                && step.at != look.at
                && step.thread != look.thread
                && matches!(step.action, Action::CompareExchange { exchanged: false, .. })
        };
        steps.iter().rposition(in_vain)
    }

    /// Threads that wait for each other in a circle.
    pub(crate) fn circle(&mut self, waits: &[Wait]) -> Option<String> {
        let edge = |thread: usize| waits.iter().find(|wait| wait.thread == thread).and_then(holder);
        let circle = waits.iter().find_map(|wait| {
            let mut path = vec![wait.thread];
            loop {
                let next = edge(*path.last()?)?;
                if let Some(begin) = path.iter().position(|&thread| thread == next) {
                    return Some(path.split_off(begin));
                }
                path.push(next);
            }
        })?;
        if circle.len() < 2 {
            return None;
        }
        let mut names: Vec<String> = circle.iter().map(|&thread| name(self.log, thread)).collect();
        names.push(names[0].clone());
        Some(format!(
            "They wait in a circle: {}. If all took their locks in the same order, there would be no such circle.",
            names.join(" → ")
        ))
    }

    /// What is known of a notification that came before somebody waited for it.
    pub(crate) fn lost_wakeup(&mut self, wait: &Wait) -> Option<String> {
        let [look, notify, began] = self.lost_wakeup_steps(wait)?;
        let notify = self.step_of(notify);
        let waiter = name(self.log, wait.thread);
        Some(format!(
            "Lost wakeup: {waiter} looked in step {}, and began to wait in step {}. In between came {notify}, and found nobody \
             waiting. A notification is not kept for later. So look and wait under the same lock, without letting go of it in \
             between; and under that lock, too, change what is looked at.",
            look + 1,
            began + 1
        ))
    }

    /// Three steps of a wakeup that is lost: a thread looks, another one notifies nobody, and the first one begins to wait, without
    /// having looked at anything new or done anything else.
    pub(crate) fn lost_wakeup_steps(&self, wait: &Wait) -> Option<[usize; 3]> {
        let steps = &self.log.steps;
        let waits = |step: &Step| step.thread == wait.thread && matches!(step.action, Action::CondvarWait);
        let began = steps.iter().rposition(waits).filter(|_| wait.waits_for == WaitsFor::Notification)?;
        let notifies = |step: &Step| {
            step.object == steps[began].object && step.thread != wait.thread && matches!(step.action, Action::Notify { .. })
        };
        let notify = steps.iter().rposition(notifies).filter(|&last| last < began)?;
        if !matches!(steps[notify].action, Action::Notify { waiting: 0, .. }) {
            return None;
        }
        let is_own = |index: &usize| steps[*index].thread == wait.thread;
        let is_look = |index: usize| matches!(steps[index].action, Action::Load { .. } | Action::Lock { .. } | Action::CellRead);
        let look = (0..notify).rev().filter(is_own).find(|&index| is_look(index))?;
        let idle = |index: usize| is_look(index) || matches!(steps[index].action, Action::Unlock);
        (look..began).filter(is_own).all(idle).then_some([look, notify, began])
    }

    /// Three steps of an update that is lost: one thread loads, another one's write is not in what it read, and the first one
    /// stores over that.
    pub(crate) fn lost_update_steps(&self) -> Option<[usize; 3]> {
        let steps = &self.log.steps;
        (0..steps.len()).rev().find_map(|store| {
            let Action::Store { .. } = steps[store].action else { return None };
            let (thread, object) = (steps[store].thread, steps[store].object?);
            let load = steps[..store].iter().rposition(|step| step.object == Some(object) && step.thread == thread)?;
            let Action::Load { .. } = steps[load].action else { return None };
            Some([load, self.missed_write(load, store)?, store])
        })
    }

    /// The last write of another thread that a load did not see, before another step of its thread.
    fn missed_write(&self, load: usize, before: usize) -> Option<usize> {
        let steps = &self.log.steps;
        let missed_from = self.order.read_from[load].map_or(0, |read| read + 1);
        (missed_from..before).rev().find(|&index| {
            let writes = matches!(
                steps[index].action,
                Action::Store { .. } | Action::ReadModifyWrite { .. } | Action::CompareExchange { exchanged: true, .. }
            );
            writes && steps[index].object == steps[load].object && steps[index].thread != steps[load].thread
        })
    }

    /// Three steps of a check that is too old when its thread acts: it loads, another one's write is not in what it read, and the first
    /// one changes what is there now, whatever that is.
    pub(crate) fn check_then_act_steps(&self) -> Option<[usize; 3]> {
        let steps = &self.log.steps;
        (0..steps.len()).rev().find_map(|act| {
            let Action::ReadModifyWrite { old, .. } = steps[act].action else { return None };
            let (thread, object) = (steps[act].thread, steps[act].object?);
            let check = steps[..act].iter().rposition(|step| step.object == Some(object) && step.thread == thread)?;
            let Action::Load { value, .. } = steps[check].action else { return None };
            if value == old { None } else { Some([check, self.missed_write(check, act)?, act]) }
        })
    }

    pub(crate) fn check_then_act(&mut self) -> Option<String> {
        let [check, change, act] = self.check_then_act_steps()?;
        let steps = &self.log.steps;
        let name = self.names.get(steps[act].object?)?;
        let (Action::Load { value: found, .. }, Action::ReadModifyWrite { old, .. }) = (steps[check].action, steps[act].action)
        else {
            return None;
        };
        let (one, other) = (words::name(self.log, steps[act].thread), words::name(self.log, steps[change].thread));
        Some(format!(
            "{one} found {found} in `{name}` in step {}; when it acted, in step {}, there was {old}: {other} had changed it in step {}. If \
             what it does depends on what it finds, to look and to act must be one step here, such as `compare_exchange` or \
             `fetch_update`.",
            check + 1,
            act + 1,
            change + 1
        ))
    }

    pub(crate) fn lost_update(&mut self) -> Option<String> {
        let [load, over, store] = self.lost_update_steps()?;
        let steps = &self.log.steps;
        let name = self.names.get(steps[store].object?)?;
        let (Action::Load { value: read, .. }, Action::Store { value: stored, .. }) = (steps[load].action, steps[store].action)
        else {
            return None;
        };
        let (one, other) = (words::name(self.log, steps[load].thread), words::name(self.log, steps[over].thread));
        let same = matches!(steps[over].action, Action::Store { value, .. } if value == stored);
        Some(if same {
            format!(
                "{one} read {read} from `{name}` in step {} and stored {stored} in step {}; in between, in step {}, {other} had stored \
                 {stored} as well. So both found what only one may find. To look and to write must be one step here, such as `swap` or \
                 `compare_exchange`.",
                load + 1,
                store + 1,
                over + 1
            )
        } else {
            format!(
                "An update of `{name}` is lost: {one} read {read} in step {}, {other} wrote in step {}, and in step {} {one} stored \
                 {stored} over that, from the old {read}. To read and to write must be one step here, such as `fetch_add`.",
                load + 1,
                over + 1,
                store + 1
            )
        })
    }

    /// The step in which whoever holds what a thread waits for has locked it.
    pub(crate) fn locked_by_holder(&self, wait: &Wait) -> Option<usize> {
        let (object, holder) = (wait.object?, holder(wait)?);
        let locks = |step: &Step| {
            step.object == Some(object)
                && step.thread == holder
                && matches!(step.action, Action::Lock { .. } | Action::TryLock { locked: true } | Action::CondvarWoken { .. })
        };
        self.log.steps.iter().rposition(locks)
    }
}
