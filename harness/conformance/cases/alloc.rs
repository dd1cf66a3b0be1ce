//! What `std::alloc` promises.
use crate::conforms;
use std::alloc::{GlobalAlloc, Layout, LayoutError, System, alloc, alloc_zeroed, dealloc, handle_alloc_error, realloc};
use std::error::Error;
use std::fmt::{Debug, Display};
use std::hash::Hash;
use std::slice;
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

#[test]
fn allocated_memory_is_aligned_and_can_be_used() {
    conforms(|| {
        for align in [1, 8, 64] {
            let layout = Layout::from_size_align(24, align).unwrap();
            // SAFETY: the layout has a size, and the memory is used within it.
            unsafe {
                let memory = alloc(layout);
                assert!(!memory.is_null() && memory.addr().is_multiple_of(align));
                memory.write_bytes(7, layout.size());
                assert_eq!(*memory.add(23), 7);
                dealloc(memory, layout);
            }
        }
    });
}

#[test]
fn zeroed_memory_is_zero() {
    conforms(|| {
        let layout = Layout::array::<u32>(4).unwrap();
        // SAFETY: the layout has a size, and the memory is used within it.
        unsafe {
            let memory = alloc_zeroed(layout);
            assert_eq!(slice::from_raw_parts(memory.cast::<u32>(), 4), [0; 4]);
            dealloc(memory, layout);
        }
    });
}

#[test]
fn memory_keeps_its_contents_when_its_size_changes() {
    conforms(|| {
        let layout = Layout::from_size_align(2, 2).unwrap();
        // SAFETY: the sizes are not zero, and the memory is used within them.
        unsafe {
            let memory = alloc(layout);
            memory.write(1);
            memory.add(1).write(2);
            let memory = realloc(memory, layout, 64);
            assert!(memory.addr().is_multiple_of(2));
            assert_eq!(slice::from_raw_parts(memory, 2), [1, 2]);
            let memory = realloc(memory, Layout::from_size_align(64, 2).unwrap(), 1);
            assert_eq!(*memory, 1);
            dealloc(memory, Layout::from_size_align(1, 2).unwrap());
        }
    });
}

#[test]
fn two_allocations_do_not_overlap() {
    conforms(|| {
        let layout = Layout::new::<u64>();
        // SAFETY: the layout has a size, and the memory is used within it.
        unsafe {
            let (a, b) = (alloc(layout).cast::<u64>(), alloc(layout).cast::<u64>());
            a.write(1);
            b.write(2);
            assert!(a != b && *a == 1 && *b == 2);
            dealloc(a.cast(), layout);
            dealloc(b.cast(), layout);
        }
    });
}

#[test]
fn memory_can_be_freed_by_another_thread() {
    conforms(|| {
        let layout = Layout::new::<u64>();
        // SAFETY: the layout has a size.
        let memory = AtomicPtr::new(unsafe { alloc(layout) });
        let t = thread::spawn(move || {
            let memory = memory.into_inner();
            // SAFETY: the memory was handed over, with its layout.
            unsafe {
                memory.cast::<u64>().write(5);
                assert_eq!(*memory.cast::<u64>(), 5);
                dealloc(memory, layout);
            }
        });
        t.join().unwrap();
    });
}

#[test]
fn memory_can_be_made_by_another_thread() {
    conforms(|| {
        let slot = Arc::new(AtomicPtr::<u64>::default());
        let other = slot.clone();
        let layout = Layout::new::<u64>();
        // SAFETY: the layout has a size and is that of a `u64`.
        let t = thread::spawn(move || unsafe {
            let memory = alloc(layout).cast::<u64>();
            memory.write(5);
            other.store(memory, Ordering::Release);
        });
        t.join().unwrap();
        // SAFETY: the other thread has filled it, and has ended.
        unsafe {
            let memory = slot.load(Ordering::Acquire);
            assert_eq!(*memory, 5);
            dealloc(memory.cast(), layout);
        }
    });
}

#[test]
fn a_box_is_freed_as_the_memory_of_its_layout() {
    conforms(|| {
        let raw = Box::into_raw(Box::new(5_u64));
        // SAFETY: a box's memory is of the global allocator, with the layout of its value.
        unsafe { dealloc(raw.cast(), Layout::for_value(&*raw)) };
        // SAFETY: as above.
        let boxed = unsafe {
            let raw = alloc(Layout::new::<u64>()).cast::<u64>();
            raw.write(6);
            Box::from_raw(raw)
        };
        assert_eq!(*boxed, 6);
    });
}

#[test]
fn the_system_allocator_can_be_used_directly() {
    conforms(|| {
        let layout = Layout::from_size_align(16, 16).unwrap();
        // SAFETY: the layout has a size, and the memory is used within it.
        unsafe {
            let memory = System.alloc_zeroed(layout);
            assert!(memory.addr().is_multiple_of(16) && *memory.add(15) == 0);
            let memory = System.realloc(memory, layout, 32);
            assert_eq!(*memory.add(15), 0);
            System.dealloc(memory, Layout::from_size_align(32, 16).unwrap());
            let memory = System.alloc(layout);
            System.dealloc(memory, layout);
        }
    });
}

#[test]
fn an_allocator_of_ones_own_gets_default_methods() {
    struct Logged(Mutex<Vec<&'static str>>);
    // SAFETY: the system does the work.
    unsafe impl GlobalAlloc for Logged {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            self.0.lock().unwrap().push("alloc");
            // SAFETY: as the caller promises.
            unsafe { System.alloc(layout) }
        }
        unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
            self.0.lock().unwrap().push("dealloc");
            // SAFETY: as the caller promises.
            unsafe { System.dealloc(memory, layout) }
        }
    }
    conforms(|| {
        let logged = Logged(Mutex::new(Vec::new()));
        let layout = Layout::new::<u64>();
        // SAFETY: the layout has a size, and the memory is used within it.
        unsafe {
            let memory = logged.alloc_zeroed(layout);
            assert_eq!(*memory.cast::<u64>(), 0);
            let memory = logged.realloc(memory, layout, 16);
            logged.dealloc(memory, Layout::from_size_align(16, align_of::<u64>()).unwrap());
        }
        assert_eq!(logged.0.into_inner().unwrap(), ["alloc", "alloc", "dealloc", "dealloc"]);
    });
}

#[test]
fn layouts_describe_types_arrays_and_structs() {
    conforms(|| {
        assert_eq!(Layout::new::<u32>(), Layout::from_size_align(4, 4).unwrap());
        assert_eq!(Layout::for_value("abc"), Layout::array::<u8>(3).unwrap());
        let (layout, offset) = Layout::new::<u8>().extend(Layout::new::<u32>()).unwrap();
        assert_eq!((layout.size(), layout.align(), offset), (8, 4, 4));
        let layout = Layout::from_size_align(5, 1).unwrap().align_to(4).unwrap();
        assert_eq!(layout.pad_to_align().size(), 8);
        let (repeated, stride) = Layout::new::<u32>().repeat(3).unwrap();
        assert_eq!((repeated, stride), (Layout::array::<u32>(3).unwrap(), 4));
        assert_eq!(layout.repeat_packed(2).unwrap().size(), 10);
        assert_eq!(Layout::new::<u8>().extend_packed(Layout::new::<u32>()).unwrap(), Layout::array::<u8>(5).unwrap());
        assert!(layout.dangling_ptr().addr().get().is_multiple_of(4));
    });
}

#[test]
fn a_layout_that_cannot_be_is_an_error() {
    conforms(|| {
        assert!(Layout::from_size_align(1, 3).is_err() && Layout::from_size_align(1, 0).is_err());
        assert!(Layout::from_size_align(usize::MAX, 1).is_err());
        let error: LayoutError = Layout::array::<u64>(usize::MAX).unwrap_err();
        assert!(!error.to_string().is_empty());
    });
}

#[test]
fn the_functions_of_alloc_have_their_signatures() {
    conforms(|| {
        const LAYOUT: Layout = Layout::new::<u8>();
        let _: [unsafe fn(Layout) -> *mut u8; 2] = [alloc, alloc_zeroed];
        let _: unsafe fn(*mut u8, Layout) = dealloc;
        let _: unsafe fn(*mut u8, Layout, usize) -> *mut u8 = realloc;
        let _: fn(Layout) -> ! = handle_alloc_error;
        let _: &dyn GlobalAlloc = &System;
        assert_eq!((LAYOUT.size(), LAYOUT.align()), (1, 1));
        assert!(implements!(Layout: Copy + Debug + Eq + Hash + Send + Sync));
        assert!(implements!(LayoutError: Clone + Debug + PartialEq + Display + Error));
        assert!(implements!(System: Copy + Debug + Default + GlobalAlloc + Send + Sync));
    });
}
