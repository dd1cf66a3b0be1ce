//! `std::collections::hash_map`.

pub use crate::hash::RandomState;
use std::borrow::Borrow;
use std::collections::TryReserveError;
use std::collections::hash_map as real;
pub use std::collections::hash_map::*;
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::ops::Index;

/// As `std`'s.
#[derive(Clone)]
pub struct HashMap<K, V, S = RandomState> {
    map: real::HashMap<K, V, S>,
}

impl<K, V> HashMap<K, V> {
    /// As `std`'s.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// As `std`'s.
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self::with_capacity_and_hasher(capacity, RandomState::new())
    }
}

impl<K, V, S> HashMap<K, V, S> {
    /// As `std`'s.
    pub const fn with_hasher(hash_builder: S) -> Self {
        Self { map: real::HashMap::with_hasher(hash_builder) }
    }

    /// As `std`'s.
    pub fn with_capacity_and_hasher(capacity: usize, hash_builder: S) -> Self {
        Self { map: real::HashMap::with_capacity_and_hasher(capacity, hash_builder) }
    }

    as_std_does! { map:
        fn capacity(self: &Self) -> usize;
        fn keys(self: &Self) -> Keys<'_, K, V>;
        fn into_keys(self: Self) -> IntoKeys<K, V>;
        fn values(self: &Self) -> Values<'_, K, V>;
        fn values_mut(self: &mut Self) -> ValuesMut<'_, K, V>;
        fn into_values(self: Self) -> IntoValues<K, V>;
        fn iter(self: &Self) -> Iter<'_, K, V>;
        fn iter_mut(self: &mut Self) -> IterMut<'_, K, V>;
        fn len(self: &Self) -> usize;
        fn is_empty(self: &Self) -> bool;
        fn drain(self: &mut Self) -> Drain<'_, K, V>;
        fn extract_if[F: FnMut(&K, &mut V) -> bool](self: &mut Self, pred: F) -> ExtractIf<'_, K, V, F>;
        fn retain[F: FnMut(&K, &mut V) -> bool](self: &mut Self, f: F);
        fn clear(self: &mut Self);
        fn hasher(self: &Self) -> &S;
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> HashMap<K, V, S> {
    as_std_does! { map:
        fn reserve(self: &mut Self, additional: usize);
        fn try_reserve(self: &mut Self, additional: usize) -> Result<(), TryReserveError>;
        fn shrink_to_fit(self: &mut Self);
        fn shrink_to(self: &mut Self, min_capacity: usize);
        fn entry(self: &mut Self, key: K) -> Entry<'_, K, V>;
        fn get[Q: Hash + Eq + ?Sized](self: &Self, k: &Q) -> Option<&V> where [K: Borrow<Q>];
        fn get_key_value[Q: Hash + Eq + ?Sized](self: &Self, k: &Q) -> Option<(&K, &V)> where [K: Borrow<Q>];
        fn get_disjoint_mut[Q: Hash + Eq + ?Sized, const N: usize](self: &mut Self, ks: [&Q; N]) -> [Option<&'_ mut V>; N]
            where [K: Borrow<Q>];
        fn contains_key[Q: Hash + Eq + ?Sized](self: &Self, k: &Q) -> bool where [K: Borrow<Q>];
        fn get_mut[Q: Hash + Eq + ?Sized](self: &mut Self, k: &Q) -> Option<&mut V> where [K: Borrow<Q>];
        fn insert(self: &mut Self, k: K, v: V) -> Option<V>;
        fn remove[Q: Hash + Eq + ?Sized](self: &mut Self, k: &Q) -> Option<V> where [K: Borrow<Q>];
        fn remove_entry[Q: Hash + Eq + ?Sized](self: &mut Self, k: &Q) -> Option<(K, V)> where [K: Borrow<Q>];
    }

    /// As `std`'s.
    ///
    /// # Safety
    /// No two keys may be the same.
    pub unsafe fn get_disjoint_unchecked_mut<Q: Hash + Eq + ?Sized, const N: usize>(
        &mut self,
        ks: [&Q; N],
    ) -> [Option<&'_ mut V>; N]
    where
        K: Borrow<Q>,
    {
        // SAFETY: the caller's.
        unsafe { self.map.get_disjoint_unchecked_mut(ks) }
    }
}

impl<K, V, S: Default> Default for HashMap<K, V, S> {
    fn default() -> Self {
        Self::with_hasher(S::default())
    }
}

impl<K: fmt::Debug, V: fmt::Debug, S> fmt::Debug for HashMap<K, V, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.map.fmt(f)
    }
}

impl<K: Eq + Hash, V: PartialEq, S: BuildHasher> PartialEq for HashMap<K, V, S> {
    fn eq(&self, other: &Self) -> bool {
        self.map == other.map
    }
}

impl<K: Eq + Hash, V: Eq, S: BuildHasher> Eq for HashMap<K, V, S> {}

impl<K: Eq + Hash + Borrow<Q>, Q: Eq + Hash + ?Sized, V, S: BuildHasher> Index<&Q> for HashMap<K, V, S> {
    type Output = V;
    #[track_caller]
    fn index(&self, key: &Q) -> &V {
        &self.map[key]
    }
}

impl<K, V, S> IntoIterator for HashMap<K, V, S> {
    type Item = (K, V);
    type IntoIter = IntoIter<K, V>;
    fn into_iter(self) -> IntoIter<K, V> {
        self.map.into_iter()
    }
}

impl<'a, K, V, S> IntoIterator for &'a HashMap<K, V, S> {
    type Item = (&'a K, &'a V);
    type IntoIter = Iter<'a, K, V>;
    fn into_iter(self) -> Iter<'a, K, V> {
        self.map.iter()
    }
}

impl<'a, K, V, S> IntoIterator for &'a mut HashMap<K, V, S> {
    type Item = (&'a K, &'a mut V);
    type IntoIter = IterMut<'a, K, V>;
    fn into_iter(self) -> IterMut<'a, K, V> {
        self.map.iter_mut()
    }
}

impl<K: Eq + Hash, V, S: BuildHasher + Default> FromIterator<(K, V)> for HashMap<K, V, S> {
    fn from_iter<T: IntoIterator<Item = (K, V)>>(iter: T) -> Self {
        let mut map = Self::default();
        map.extend(iter);
        map
    }
}

impl<K: Eq + Hash, V, const N: usize> From<[(K, V); N]> for HashMap<K, V> {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

impl<K: Eq + Hash, V, S: BuildHasher> Extend<(K, V)> for HashMap<K, V, S> {
    fn extend<T: IntoIterator<Item = (K, V)>>(&mut self, iter: T) {
        self.map.extend(iter);
    }
}

impl<'a, K: Eq + Hash + Copy, V: Copy, S: BuildHasher> Extend<(&'a K, &'a V)> for HashMap<K, V, S> {
    fn extend<T: IntoIterator<Item = (&'a K, &'a V)>>(&mut self, iter: T) {
        self.map.extend(iter);
    }
}
