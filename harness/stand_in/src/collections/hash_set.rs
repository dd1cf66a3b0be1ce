//! `std::collections::hash_set`.

use crate::hash::RandomState;
use std::borrow::Borrow;
use std::collections::TryReserveError;
use std::collections::hash_set as real;
pub use std::collections::hash_set::*;
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::ops::{BitAnd, BitOr, BitXor, Sub};

/// As `std`'s.
#[derive(Clone)]
pub struct HashSet<T, S = RandomState> {
    set: real::HashSet<T, S>,
}

impl<T> HashSet<T> {
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

impl<T, S> HashSet<T, S> {
    /// As `std`'s.
    pub const fn with_hasher(hasher: S) -> Self {
        Self { set: real::HashSet::with_hasher(hasher) }
    }

    /// As `std`'s.
    pub fn with_capacity_and_hasher(capacity: usize, hasher: S) -> Self {
        Self { set: real::HashSet::with_capacity_and_hasher(capacity, hasher) }
    }

    as_std_does! { set:
        fn capacity(self: &Self) -> usize;
        fn iter(self: &Self) -> Iter<'_, T>;
        fn len(self: &Self) -> usize;
        fn is_empty(self: &Self) -> bool;
        fn drain(self: &mut Self) -> Drain<'_, T>;
        fn extract_if[F: FnMut(&T) -> bool](self: &mut Self, pred: F) -> ExtractIf<'_, T, F>;
        fn retain[F: FnMut(&T) -> bool](self: &mut Self, f: F);
        fn clear(self: &mut Self);
        fn hasher(self: &Self) -> &S;
    }
}

impl<T: Eq + Hash, S: BuildHasher> HashSet<T, S> {
    as_std_does! { set:
        fn reserve(self: &mut Self, additional: usize);
        fn try_reserve(self: &mut Self, additional: usize) -> Result<(), TryReserveError>;
        fn shrink_to_fit(self: &mut Self);
        fn shrink_to(self: &mut Self, min_capacity: usize);
        fn contains[Q: Hash + Eq + ?Sized](self: &Self, value: &Q) -> bool where [T: Borrow<Q>];
        fn get[Q: Hash + Eq + ?Sized](self: &Self, value: &Q) -> Option<&T> where [T: Borrow<Q>];
        fn insert(self: &mut Self, value: T) -> bool;
        fn replace(self: &mut Self, value: T) -> Option<T>;
        fn remove[Q: Hash + Eq + ?Sized](self: &mut Self, value: &Q) -> bool where [T: Borrow<Q>];
        fn take[Q: Hash + Eq + ?Sized](self: &mut Self, value: &Q) -> Option<T> where [T: Borrow<Q>];
    }

    /// As `std`'s.
    pub fn difference<'a>(&'a self, other: &'a Self) -> Difference<'a, T, S> {
        self.set.difference(&other.set)
    }

    /// As `std`'s.
    pub fn symmetric_difference<'a>(&'a self, other: &'a Self) -> SymmetricDifference<'a, T, S> {
        self.set.symmetric_difference(&other.set)
    }

    /// As `std`'s.
    pub fn intersection<'a>(&'a self, other: &'a Self) -> Intersection<'a, T, S> {
        self.set.intersection(&other.set)
    }

    /// As `std`'s.
    pub fn union<'a>(&'a self, other: &'a Self) -> Union<'a, T, S> {
        self.set.union(&other.set)
    }

    /// As `std`'s.
    pub fn is_disjoint(&self, other: &Self) -> bool {
        self.set.is_disjoint(&other.set)
    }

    /// As `std`'s.
    pub fn is_subset(&self, other: &Self) -> bool {
        self.set.is_subset(&other.set)
    }

    /// As `std`'s.
    pub fn is_superset(&self, other: &Self) -> bool {
        self.set.is_superset(&other.set)
    }
}

impl<T, S: Default> Default for HashSet<T, S> {
    fn default() -> Self {
        Self::with_hasher(S::default())
    }
}

impl<T: fmt::Debug, S> fmt::Debug for HashSet<T, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.set.fmt(f)
    }
}

impl<T: Eq + Hash, S: BuildHasher> PartialEq for HashSet<T, S> {
    fn eq(&self, other: &Self) -> bool {
        self.set == other.set
    }
}

impl<T: Eq + Hash, S: BuildHasher> Eq for HashSet<T, S> {}

impl<T, S> IntoIterator for HashSet<T, S> {
    type Item = T;
    type IntoIter = IntoIter<T>;
    fn into_iter(self) -> IntoIter<T> {
        self.set.into_iter()
    }
}

impl<'a, T, S> IntoIterator for &'a HashSet<T, S> {
    type Item = &'a T;
    type IntoIter = Iter<'a, T>;
    fn into_iter(self) -> Iter<'a, T> {
        self.set.iter()
    }
}

impl<T: Eq + Hash, S: BuildHasher + Default> FromIterator<T> for HashSet<T, S> {
    fn from_iter<I: IntoIterator<Item = T>>(iter: I) -> Self {
        let mut set = Self::default();
        set.extend(iter);
        set
    }
}

impl<T: Eq + Hash, const N: usize> From<[T; N]> for HashSet<T> {
    fn from(values: [T; N]) -> Self {
        values.into_iter().collect()
    }
}

impl<T: Eq + Hash, S: BuildHasher> Extend<T> for HashSet<T, S> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, iter: I) {
        self.set.extend(iter);
    }
}

impl<'a, T: Eq + Hash + Copy + 'a, S: BuildHasher> Extend<&'a T> for HashSet<T, S> {
    fn extend<I: IntoIterator<Item = &'a T>>(&mut self, iter: I) {
        self.set.extend(iter);
    }
}

macro_rules! operators {
    ($($trait:ident $operator:ident $method:ident;)*) => {$(
        impl<T: Eq + Hash + Clone, S: BuildHasher + Default> $trait<&HashSet<T, S>> for &HashSet<T, S> {
            type Output = HashSet<T, S>;
            fn $operator(self, other: &HashSet<T, S>) -> HashSet<T, S> {
                self.$method(other).cloned().collect()
            }
        }
    )*};
}

operators! {
    BitOr bitor union;
    BitAnd bitand intersection;
    BitXor bitxor symmetric_difference;
    Sub sub difference;
}
