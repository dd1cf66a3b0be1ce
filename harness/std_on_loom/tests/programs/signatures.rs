//! What compiles against `std` compiles here, and what does not does not: the promises to other threads.

use impls::impls;
use std::cell::{Cell, RefCell, UnsafeCell};
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize};
use std::sync::mpsc::{Receiver, Sender, SyncSender};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, Weak};
use std::thread::{JoinHandle, Scope, ScopedJoinHandle, Thread};

/// Where a type of ours does not make the same promises as the one of `std` of the same name.
macro_rules! other_promises {
    ($($ours:ty, $real:ty;)*) => {{
        let mut others: Vec<String> = Vec::new();
        let mut hold = |ours: bool, real: bool, promise: &str| {
            if ours != real {
                others.push(format!("{promise}: {ours}, and {real} in std"));
            }
        };
        $(
            hold(impls!($ours: Send), impls!($real: Send), concat!(stringify!($ours), ": Send"));
            hold(impls!($ours: Sync), impls!($real: Sync), concat!(stringify!($ours), ": Sync"));
            hold(impls!($ours: Unpin), impls!($real: Unpin), concat!(stringify!($ours), ": Unpin"));
            hold(impls!($ours: UnwindSafe), impls!($real: UnwindSafe), concat!(stringify!($ours), ": UnwindSafe"));
            hold(impls!($ours: RefUnwindSafe), impls!($real: RefUnwindSafe), concat!(stringify!($ours), ": RefUnwindSafe"));
        )*
        others
    }};
}

#[test]
fn every_type_promises_what_std_s_promises() {
    use real_std::{cell as real_cell, sync as real_sync, thread as real_thread};
    type C = real_cell::Cell<usize>;
    type R = real_std::rc::Rc<usize>;
    let others = other_promises! {
        AtomicBool, real_sync::atomic::AtomicBool;
        AtomicUsize, real_sync::atomic::AtomicUsize;
        AtomicPtr<R>, real_sync::atomic::AtomicPtr<R>;
        Cell<usize>, real_cell::Cell<usize>;
        RefCell<usize>, real_cell::RefCell<usize>;
        UnsafeCell<usize>, real_cell::UnsafeCell<usize>;
        UnsafeCell<R>, real_cell::UnsafeCell<R>;
        Mutex<usize>, real_sync::Mutex<usize>;
        Mutex<C>, real_sync::Mutex<C>;
        Mutex<R>, real_sync::Mutex<R>;
        MutexGuard<'static, usize>, real_sync::MutexGuard<'static, usize>;
        MutexGuard<'static, C>, real_sync::MutexGuard<'static, C>;
        Condvar, real_sync::Condvar;
        Arc<usize>, real_sync::Arc<usize>;
        Arc<C>, real_sync::Arc<C>;
        Arc<R>, real_sync::Arc<R>;
        Weak<usize>, real_sync::Weak<usize>;
        Weak<C>, real_sync::Weak<C>;
        Sender<usize>, real_sync::mpsc::Sender<usize>;
        Sender<C>, real_sync::mpsc::Sender<C>;
        Sender<R>, real_sync::mpsc::Sender<R>;
        SyncSender<C>, real_sync::mpsc::SyncSender<C>;
        Receiver<C>, real_sync::mpsc::Receiver<C>;
        Receiver<R>, real_sync::mpsc::Receiver<R>;
        JoinHandle<usize>, real_thread::JoinHandle<usize>;
        JoinHandle<R>, real_thread::JoinHandle<R>;
        ScopedJoinHandle<'static, usize>, real_thread::ScopedJoinHandle<'static, usize>;
        Scope<'static, 'static>, real_thread::Scope<'static, 'static>;
        Thread, real_thread::Thread;
    };
    assert!(others.is_empty(), "{}", others.join("\n"));
}
