//! `std::alloc`: memory by hand. All of it is followed; see [`crate::heap`] for what that means.

use crate::{heap, model};
#[allow(deprecated, reason = "std has it as well")]
pub use std::alloc::LayoutErr;
pub use std::alloc::{GlobalAlloc, Layout, LayoutError, handle_alloc_error};
use std::panic::Location;
use std::ptr;

/// As `std`'s.
///
/// # Safety
/// As for `std`'s. Here, a layout of size 0 ends the check.
#[track_caller]
pub unsafe fn alloc(layout: Layout) -> *mut u8 {
    if !model::is_running() {
        // SAFETY: as the caller promises.
        return unsafe { std::alloc::alloc(layout) };
    }
    heap::allocate(layout, false, Location::caller())
}

/// As `std`'s.
///
/// # Safety
/// As for `std`'s. Here, a layout of size 0 ends the check.
#[track_caller]
pub unsafe fn alloc_zeroed(layout: Layout) -> *mut u8 {
    if !model::is_running() {
        // SAFETY: as the caller promises.
        return unsafe { std::alloc::alloc_zeroed(layout) };
    }
    heap::allocate(layout, true, Location::caller())
}

/// As `std`'s.
///
/// # Safety
/// As for `std`'s. Here, what was not allocated with that layout, or is freed already or still in use, ends the check.
#[track_caller]
pub unsafe fn dealloc(pointer: *mut u8, layout: Layout) {
    if !model::is_running() {
        // SAFETY: as the caller promises.
        return unsafe { std::alloc::dealloc(pointer, layout) };
    }
    heap::free(pointer, layout, Location::caller());
}

/// As `std`'s. Always moves.
///
/// # Safety
/// As for `std`'s. Here, what was not allocated with that layout, or is freed already or still in use, ends the check.
#[track_caller]
pub unsafe fn realloc(pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
    if !model::is_running() {
        // SAFETY: as the caller promises.
        return unsafe { std::alloc::realloc(pointer, layout, new_size) };
    }
    let at = Location::caller();
    // SAFETY: the caller promises that the size, rounded up, does not overflow.
    let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
    let new = heap::allocate(new_layout, false, at);
    if !new.is_null() {
        heap::used(pointer.addr(), at);
        // SAFETY: both are there, do not overlap, and are at least so long.
        unsafe { ptr::copy_nonoverlapping(pointer, new, layout.size().min(new_size)) };
        heap::free(pointer, layout, at);
    }
    new
}

/// As `std`'s: the same memory as that of the functions.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

// SAFETY: the functions keep what the trait asks for, or end the check.
unsafe impl GlobalAlloc for System {
    #[track_caller]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { alloc(layout) }
    }
    #[track_caller]
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { alloc_zeroed(layout) }
    }
    #[track_caller]
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises.
        unsafe { dealloc(pointer, layout) }
    }
    #[track_caller]
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: as the caller promises.
        unsafe { realloc(pointer, layout, new_size) }
    }
}
