//! `std::task`: a [`Waker`] may be made of an `Arc` of ours.

use crate::sync::Arc;
use std::mem::ManuallyDrop;
pub use std::task::*;

/// As `std`'s.
pub trait Wake {
    /// As `std`'s.
    fn wake(self: Arc<Self>);

    /// As `std`'s.
    fn wake_by_ref(self: &Arc<Self>) {
        self.clone().wake();
    }
}

impl<W: Wake + Send + Sync + 'static> From<Arc<W>> for Waker {
    fn from(waker: Arc<W>) -> Self {
        // SAFETY: the table of `raw` does with a pointer from `Arc::into_raw` what each entry must.
        unsafe { Self::from_raw(raw(waker)) }
    }
}

impl<W: Wake + Send + Sync + 'static> From<Arc<W>> for RawWaker {
    fn from(waker: Arc<W>) -> Self {
        raw(waker)
    }
}

fn raw<W: Wake + Send + Sync + 'static>(waker: Arc<W>) -> RawWaker {
    unsafe fn clone<W: Wake + Send + Sync + 'static>(waker: *const ()) -> RawWaker {
        // SAFETY: the pointer is from `raw`, and this owner stays.
        raw(Arc::clone(&*unsafe { borrowed::<W>(waker) }))
    }
    unsafe fn wake<W: Wake + Send + Sync + 'static>(waker: *const ()) {
        // SAFETY: the pointer is from `raw`, and this owner goes.
        unsafe { Arc::from_raw(waker.cast::<W>()) }.wake();
    }
    unsafe fn wake_by_ref<W: Wake + Send + Sync + 'static>(waker: *const ()) {
        // SAFETY: the pointer is from `raw`, and this owner stays.
        unsafe { borrowed::<W>(waker) }.wake_by_ref();
    }
    unsafe fn drop_waker<W: Wake + Send + Sync + 'static>(waker: *const ()) {
        // SAFETY: the pointer is from `raw`, and this owner goes.
        drop(unsafe { Arc::from_raw(waker.cast::<W>()) });
    }
    /// # Safety
    /// The pointer is from `raw`, and its owner is there as long as what is returned.
    unsafe fn borrowed<W>(waker: *const ()) -> ManuallyDrop<Arc<W>> {
        // SAFETY: as promised; it is never dropped.
        ManuallyDrop::new(unsafe { Arc::from_raw(waker.cast()) })
    }
    let table = const { &RawWakerVTable::new(clone::<W>, wake::<W>, wake_by_ref::<W>, drop_waker::<W>) };
    RawWaker::new(Arc::into_raw(waker).cast(), table)
}
