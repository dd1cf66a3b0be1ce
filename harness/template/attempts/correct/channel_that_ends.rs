//! A channel on which nothing is ever sent. `open` drops its only sender, and so ends it for whoever waits for a message.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};

/// A gate that is opened once, and stays open.
pub struct Latch {
    /// Nobody, once it is open.
    sender: Mutex<Option<Sender<()>>>,
    receiver: Mutex<Receiver<()>>,
}

impl Latch {
    /// A gate that is closed.
    pub fn new() -> Self {
        let (sender, receiver) = channel();
        Self { sender: Mutex::new(Some(sender)), receiver: Mutex::new(receiver) }
    }

    /// Opens the gate, for good. Does nothing if it is open already.
    pub fn open(&self) {
        *self.sender.lock().unwrap() = None;
    }

    /// Waits until the gate is open; not at all if it is open already. What was done before `open` can be seen after `wait`.
    pub fn wait(&self) {
        // One at a time waits for the message, the others wait for the lock. Once the channel has ended, nobody has to.
        let ended = self.receiver.lock().unwrap().recv();
        assert!(ended.is_err(), "nobody sends anything");
    }

    /// Whether the gate is open. Never waits for it.
    pub fn is_open(&self) -> bool {
        self.sender.lock().unwrap().is_none()
    }
}
