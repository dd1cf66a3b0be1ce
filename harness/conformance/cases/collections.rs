//! What `std::collections::HashMap` and `HashSet` promise. Which order theirs is, nobody does.

use crate::conforms;
use std::borrow::Borrow;
use std::collections::hash_map::{DefaultHasher, Entry, HashMap as TheSame};
use std::collections::{HashMap, HashSet};
use std::fmt::Debug;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, RandomState};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::{Arc, Mutex};
use std::thread;

fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.into_iter().collect();
    items.sort();
    items
}

#[test]
fn a_map_finds_what_was_put_in() {
    conforms(|| {
        let mut map = HashMap::new();
        assert_eq!(map.insert("one", 1), None);
        assert_eq!(map.insert("one", 2), Some(1));
        assert_eq!((map.get("one"), map.get("two")), (Some(&2), None));
        assert_eq!(map.get_key_value("one"), Some((&"one", &2)));
        assert!(map.contains_key("one") && !map.contains_key("two"));
        *map.get_mut("one").unwrap() += 1;
        assert_eq!(map["one"], 3);
        assert_eq!((map.len(), map.is_empty()), (1, false));
        assert_eq!(format!("{map:?}"), r#"{"one": 3}"#);
        assert_eq!(map.remove_entry("one"), Some(("one", 3)));
        assert_eq!((map.remove("one"), map.len(), map.is_empty()), (None, 0, true));
    });
}

#[test]
fn a_map_is_gone_through_in_any_order() {
    conforms(|| {
        let mut map = HashMap::from([(1, 'a'), (2, 'b')]);
        map.extend([(3, 'c')]);
        map.extend(&HashMap::from([(4, 'd')]));
        assert_eq!(sorted(map.keys().copied()), [1, 2, 3, 4]);
        assert_eq!(sorted(map.values().copied()), ['a', 'b', 'c', 'd']);
        map.values_mut().for_each(|value| value.make_ascii_uppercase());
        map.iter_mut().filter(|(key, _)| **key == 1).for_each(|(_, value)| *value = 'x');
        for (key, value) in &mut map {
            *value = if *key == 2 { 'y' } else { *value };
        }
        assert_eq!(sorted(&map), [(&1, &'x'), (&2, &'y'), (&3, &'C'), (&4, &'D')]);
        assert_eq!(sorted(map.clone().into_keys()), [1, 2, 3, 4]);
        assert_eq!(sorted(map.clone().into_values()), ['C', 'D', 'x', 'y']);
        map.retain(|key, _| *key != 4);
        assert_eq!(sorted(map.extract_if(|key, _| *key == 3)), [(3, 'C')]);
        assert_eq!(sorted(map.clone()), sorted(map.iter().map(|(key, value)| (*key, *value))));
        assert_eq!(sorted(map.drain()), [(1, 'x'), (2, 'y')]);
        assert_eq!(map, HashMap::default());
    });
}

#[test]
fn a_map_has_entries_and_room() {
    conforms(|| {
        let mut map: HashMap<u8, Vec<u8>> = HashMap::with_capacity(10);
        assert!(map.capacity() >= 10);
        map.entry(1).or_default().push(2);
        map.entry(1).or_default().push(3);
        assert!(matches!(map.entry(1), Entry::Occupied(entry) if *entry.get() == [2, 3]));
        map.reserve(100);
        assert!(map.capacity() >= 101 && map.try_reserve(100).is_ok());
        map.shrink_to(50);
        assert!((50..101).contains(&map.capacity()) || map.capacity() >= 50);
        map.shrink_to_fit();
        assert!(map.capacity() < 50);
        map.insert(2, Vec::new());
        let [one, three] = map.get_disjoint_mut([&1, &3]);
        one.unwrap().push(4);
        assert!(three.is_none());
        // SAFETY: the keys differ.
        let [one, two] = unsafe { map.get_disjoint_unchecked_mut([&1, &2]) };
        assert_eq!((one.unwrap().len(), two.unwrap().len()), (3, 0));
        map.clear();
        assert!(map.is_empty());
    });
}

#[test]
fn a_set_holds_each_value_once() {
    conforms(|| {
        let mut set = HashSet::with_capacity(4);
        assert!(set.capacity() >= 4 && set.is_empty());
        assert_eq!((set.insert("one"), set.insert("one"), set.len()), (true, false, 1));
        assert_eq!((set.replace("one"), set.get("one"), set.get("two")), (Some("one"), Some(&"one"), None));
        assert!(set.contains("one") && !set.contains("two"));
        assert_eq!(format!("{set:?}"), r#"{"one"}"#);
        assert_eq!((set.take("one"), set.remove("one")), (Some("one"), false));
        set.extend(["a", "b", "c", "d"]);
        set.extend(&HashSet::from(["e"]));
        set.retain(|value| *value != "d");
        assert_eq!(sorted(set.extract_if(|value| *value == "e")), ["e"]);
        assert_eq!(sorted(&set), [&"a", &"b", &"c"]);
        assert_eq!(sorted(set.iter()), sorted(set.clone().iter()));
        set.reserve(20);
        assert!(set.try_reserve(1).is_ok());
        set.shrink_to(10);
        set.shrink_to_fit();
        assert_eq!(sorted(set.drain()), ["a", "b", "c"]);
        set.insert("z");
        set.clear();
        assert_eq!(set, HashSet::default());
    });
}

#[test]
fn sets_are_joined_and_compared() {
    conforms(|| {
        let (low, high) = (HashSet::from([1, 2, 3]), HashSet::from([3, 4]));
        assert_eq!(sorted(&low | &high), sorted(low.union(&high).copied()));
        assert_eq!(sorted(&low | &high), [1, 2, 3, 4]);
        assert_eq!(sorted(&low & &high), sorted(low.intersection(&high).copied()));
        assert_eq!(sorted(&low & &high), [3]);
        assert_eq!(sorted(&low ^ &high), sorted(low.symmetric_difference(&high).copied()));
        assert_eq!(sorted(&low ^ &high), [1, 2, 4]);
        assert_eq!(sorted(&low - &high), sorted(low.difference(&high).copied()));
        assert_eq!(sorted(&low - &high), [1, 2]);
        assert!(!low.is_disjoint(&high) && low.is_disjoint(&HashSet::from([7])));
        assert!(HashSet::from([1]).is_subset(&low) && low.is_superset(&HashSet::from([1])) && !low.is_subset(&high));
    });
}

#[test]
fn a_hasher_may_be_named() {
    conforms(|| {
        type Fixed = BuildHasherDefault<DefaultHasher>;
        static NONE: Mutex<HashMap<u8, u8, Fixed>> = Mutex::new(HashMap::with_hasher(Fixed::new()));
        static NOTHING: Mutex<HashSet<u8, Fixed>> = Mutex::new(HashSet::with_hasher(Fixed::new()));
        assert!(NONE.lock().unwrap().is_empty() && NOTHING.lock().unwrap().is_empty());
        let map: HashMap<u8, u8, Fixed> = HashMap::with_capacity_and_hasher(1, Fixed::default());
        let set: HashSet<u8, Fixed> = HashSet::with_capacity_and_hasher(1, Fixed::default());
        assert_eq!(map.hasher().hash_one(1), set.hasher().hash_one(1));
        let state = RandomState::new();
        assert_eq!(state.hash_one("x"), state.clone().hash_one("x"));
        assert_ne!(state.hash_one("x"), RandomState::default().hash_one("x"), "each is another one");
        let one: HashMap<u8, u8> = HashMap::new();
        assert_eq!(one.hasher().hash_one(1), one.clone().hasher().hash_one(1));
    });
}

#[test]
fn a_map_may_be_shared_under_a_lock() {
    conforms(|| {
        let shared = Arc::new(Mutex::new(HashMap::new()));
        let others = Arc::clone(&shared);
        let other = thread::spawn(move || others.lock().unwrap().insert(1, 'a'));
        shared.lock().unwrap().insert(2, 'b');
        other.join().unwrap();
        assert_eq!(shared.lock().unwrap().len(), 2);
    });
}

fn is<T: Clone + Debug + Default + PartialEq + Eq + IntoIterator + Send + Sync + Unpin + UnwindSafe + RefUnwindSafe>() {}

#[test]
fn traits_and_paths() {
    is::<HashMap<u8, u8>>();
    is::<HashSet<u8>>();
    let _: fn(&HashMap<u8, u8>) -> usize = HashMap::len;
    let _: [fn(&HashSet<u8>) -> bool; 1] = [HashSet::is_empty];
    let _: fn() -> TheSame<u8, u8, RandomState> = HashMap::new;
    fn by<'a, Q: Hash + Eq + ?Sized>(map: &'a HashMap<String, u8>, key: &Q) -> Option<&'a u8>
    where
        String: Borrow<Q>,
    {
        map.get(key)
    }
    assert_eq!(by(&HashMap::from([("a".to_owned(), 1)]), "a"), Some(&1));
    let collected: (HashMap<u8, u8>, HashSet<u8>) = ([(1, 2)].into_iter().collect(), [1].into_iter().collect());
    assert_eq!((collected.0.len(), collected.1.len()), (1, 1));
}
