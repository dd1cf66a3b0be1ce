//! A list that is filled anew in each interleaving, and keeps its memory from one to the next.

use std::ops::{Deref, DerefMut, Index, IndexMut};

/// Something that can be brought back to its beginning.
pub(crate) trait Reuse: Default {
    /// Forgets everything, but keeps the memory.
    fn clear(&mut self);
}

/// A list of such things. What is past its end waits to be used again.
pub(crate) struct Reused<T> {
    items: Vec<T>,
    length: usize,
}

impl<T: Reuse> Reused<T> {
    pub(crate) const fn new() -> Self {
        Self { items: Vec::new(), length: 0 }
    }

    /// The list ends at its beginning again.
    pub(crate) fn clear(&mut self) {
        self.iter_mut().for_each(Reuse::clear);
        self.length = 0;
    }

    /// One more, as it is at its beginning.
    pub(crate) fn add(&mut self) -> &mut T {
        if self.items.len() == self.length {
            self.items.push(T::default());
        }
        self.length += 1;
        &mut self.items[self.length - 1]
    }
}

impl<T> Deref for Reused<T> {
    type Target = [T];
    #[inline]
    fn deref(&self) -> &[T] {
        &self.items[..self.length]
    }
}

impl<T> DerefMut for Reused<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.items[..self.length]
    }
}

// Not by way of the slice, whose end would have to be looked at as well.
impl<T> Index<usize> for Reused<T> {
    type Output = T;
    #[inline]
    fn index(&self, index: usize) -> &T {
        debug_assert!(index < self.length);
        &self.items[index]
    }
}

impl<T> IndexMut<usize> for Reused<T> {
    #[inline]
    fn index_mut(&mut self, index: usize) -> &mut T {
        debug_assert!(index < self.length);
        &mut self.items[index]
    }
}
