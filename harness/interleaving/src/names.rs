//! What the things are called that threads share: as the source calls them.

use crate::source::Sources;
use crate::step::{Interleaving, ObjectKind};
use std::collections::BTreeMap;

/// A name for each object, from what stands before the dot where it is used.
pub(crate) fn names(interleaving: &Interleaving, sources: &mut Sources) -> Vec<String> {
    let mut seen: Vec<BTreeMap<String, usize>> = vec![BTreeMap::new(); interleaving.objects.len()];
    for step in &interleaving.steps {
        if let Some(object) = step.object
            && let Some(receiver) = sources.expression(step.at).as_deref().and_then(receiver)
        {
            *seen[object].entry(receiver).or_default() += 1;
        }
    }
    let most_frequent = |names: &BTreeMap<String, usize>| {
        // Of two as frequent, the shorter: `count` rather than `shared.count`.
        names.iter().max_by_key(|(name, times)| (**times, std::cmp::Reverse(name.len()))).map(|(name, _)| name.clone())
    };
    let mut names: Vec<String> = seen
        .iter()
        .zip(&interleaving.objects)
        .map(|(names, object)| most_frequent(names).unwrap_or_else(|| kind(object.kind).to_owned()))
        .collect();
    tell_namesakes_apart(&mut names, &seen);
    number_namesakes(&mut names);
    names
}

/// Of two things called `state` where they are used, one may be `washed.state` and the other one `dried.state` elsewhere.
fn tell_namesakes_apart(names: &mut [String], seen: &[BTreeMap<String, usize>]) {
    let chosen = names.to_vec();
    for (object, name) in names.iter_mut().enumerate() {
        if chosen.iter().filter(|other| **other == chosen[object]).count() < 2 {
            continue;
        }
        let is_its_own = |other: &&String| {
            seen.iter().enumerate().all(|(index, names)| index == object || !names.contains_key(other.as_str()))
        };
        if let Some(own) = seen[object].keys().filter(is_its_own).max_by_key(|own| seen[object][own.as_str()]) {
            name.clone_from(own);
        }
    }
}

/// `a`, `b`, `a` as `a #1`, `b`, `a #2`.
fn number_namesakes(names: &mut [String]) {
    let mut times: BTreeMap<String, usize> = BTreeMap::new();
    for name in names.iter() {
        *times.entry(name.clone()).or_default() += 1;
    }
    let mut next: BTreeMap<String, usize> = BTreeMap::new();
    for name in names.iter_mut() {
        if times[name.as_str()] > 1 {
            let number = next.entry(name.clone()).or_default();
            *number += 1;
            *name = format!("{name} #{number}");
        }
    }
}

/// What the method is called on: `self.locked.swap(true, Acquire)` is about `locked`.
fn receiver(expression: &str) -> Option<String> {
    // The last call's bracket: the one that is closed by the end.
    let mut depth = 0_usize;
    let open = expression.char_indices().rev().find_map(|(index, c)| {
        match c {
            ')' => depth += 1,
            '(' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (c == '(' && depth == 0).then_some(index)
    })?;
    let (receiver, _) = expression[..open].rsplit_once('.')?;
    let receiver = receiver.trim_start_matches(['&', '*', '(']);
    let receiver = receiver.strip_prefix("self.").unwrap_or(receiver);
    (!receiver.is_empty() && receiver != "self" && receiver.len() <= 40).then(|| receiver.to_owned())
}

/// `self.state.lock() → locked`, with `[washed.state]` after it if there are several of that name, so that one sees which it is.
pub(crate) fn with_name(told: String, log: &Interleaving, names: &[String], object: Option<usize>) -> String {
    let Some(object) = object else { return told };
    let is_shared = matches!(
        log.objects[object].kind,
        ObjectKind::Atomic(_) | ObjectKind::Mutex | ObjectKind::RwLock | ObjectKind::Condvar | ObjectKind::Channel
    );
    let name = &names[object];
    let last_part = |name: &str| name.rsplit('.').next().unwrap_or_default().split(" #").next().unwrap_or_default().to_owned();
    let alike = names.iter().enumerate().filter(|(other, _)| log.objects[*other].kind == log.objects[object].kind);
    let is_one_of_several = alike.filter(|(_, other)| last_part(other) == last_part(name)).count() > 1;
    if is_shared && is_one_of_several && !told.contains(name.as_str()) { format!("{told} [{name}]") } else { told }
}

/// What it is, for a learner.
pub(crate) fn kind(kind: ObjectKind) -> &'static str {
    match kind {
        ObjectKind::Atomic(_) => "atomic",
        ObjectKind::Cell => "cell",
        ObjectKind::Mutex => "Mutex",
        ObjectKind::RwLock => "RwLock",
        ObjectKind::Condvar => "Condvar",
        ObjectKind::Barrier => "Barrier",
        ObjectKind::Once => "Once",
        ObjectKind::Channel => "channel",
        ObjectKind::ThreadEnd => "end of a thread",
        ObjectKind::Arc => "Arc",
        ObjectKind::Block => "memory",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thing_is_called_what_its_method_is_called_on() {
        let named = |expression| receiver(expression).unwrap_or_default();
        assert_eq!(named("self.locked.swap(true, Acquire)"), "locked");
        assert_eq!(named("shared.slots[i + 1].lock()"), "shared.slots[i + 1]");
        assert_eq!(named("self.count.fetch_add(self.step.get(), Relaxed)"), "count");
        assert_eq!(receiver("fence(SeqCst)"), None);
        assert_eq!(receiver("self.join()"), None);
    }

    #[test]
    fn namesakes_take_a_name_of_their_own_where_they_have_one() {
        let seen = |names: &[(&str, usize)]| names.iter().map(|&(name, times)| (name.to_owned(), times)).collect();
        let seen = [seen(&[("state", 5), ("washed.state", 1)]), seen(&[("state", 5), ("dried.state", 2)])];
        let mut names = ["state", "state"].map(str::to_owned);
        tell_namesakes_apart(&mut names, &seen);
        assert_eq!(names, ["washed.state", "dried.state"]);
    }

    #[test]
    fn namesakes_are_numbered() {
        let mut names = ["a", "b", "a"].map(str::to_owned);
        number_namesakes(&mut names);
        assert_eq!(names, ["a #1", "b", "a #2"]);
    }
}
