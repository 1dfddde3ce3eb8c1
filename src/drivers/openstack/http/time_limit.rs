//! A deadline and an interruption, together: what every wait looks at.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::transaction::Cancel;

/// How long a wait may go on without looking whether it is still wanted.
const LOOK: Duration = Duration::from_millis(25);

/// Until when something is waited for.
#[derive(Debug, Clone)]
pub(in crate::drivers::openstack) struct TimeLimit {
    end: Instant,
    length: Duration,
    cancel: Cancel,
}

/// Why a wait ended without what it waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::drivers::openstack) enum Expired {
    /// The time is up.
    TimedOut,
    /// The call was interrupted.
    Cancelled,
}

impl TimeLimit {
    /// `length` from now, unless `cancel` is set before.
    pub(in crate::drivers::openstack) fn new(length: Duration, cancel: &Cancel) -> Self {
        Self {
            end: Instant::now() + length,
            length,
            cancel: cancel.clone(),
        }
    }

    /// Another one of `length` from now, which the same interruption ends.
    pub(in crate::drivers::openstack) fn anew(&self, length: Duration) -> Self {
        Self::new(length, &self.cancel)
    }

    /// What is left.
    pub(in crate::drivers::openstack) fn left(&self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }

    /// All that there was.
    pub(in crate::drivers::openstack) fn length(&self) -> Duration {
        self.length
    }

    /// Whether the time goes on.
    pub(in crate::drivers::openstack) fn check(&self) -> Result<(), Expired> {
        if self.cancel.is_cancelled() {
            Err(Expired::Cancelled)
        } else if self.left().is_zero() {
            Err(Expired::TimedOut)
        } else {
            Ok(())
        }
    }

    /// Waits for `pause`, all of it.
    pub(in crate::drivers::openstack) fn sleep(&self, pause: Duration) -> Result<(), Expired> {
        let end = Instant::now() + pause;
        loop {
            self.check()?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(left.min(LOOK));
        }
    }

    /// What `receiver` yields; `None` where its other end is gone.
    pub(super) fn receive<T>(&self, receiver: &Receiver<T>) -> Result<Option<T>, Expired> {
        loop {
            self.check()?;
            match receiver.recv_timeout(self.left().min(LOOK)) {
                Ok(value) => return Ok(Some(value)),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return Ok(None),
            }
        }
    }

    /// Waits until `attempt` yields something.
    pub(in crate::drivers::openstack) fn until<T>(
        &self,
        mut attempt: impl FnMut() -> Option<T>,
    ) -> Result<T, Expired> {
        loop {
            if let Some(value) = attempt() {
                return Ok(value);
            }
            self.sleep(Duration::from_millis(5))?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn an_interruption_ends_a_wait() {
        let cancel = Cancel::default();
        let limit = TimeLimit::new(LONG, &cancel);
        let (_open, receiver) = mpsc::channel::<()>();
        thread::scope(|scope| {
            let limit = &limit;
            let waits = scope.spawn(move || limit.receive(&receiver));
            cancel.cancel();
            assert_eq!(waits.join().unwrap(), Err(Expired::Cancelled));
        });
        assert_eq!(limit.sleep(LONG), Err(Expired::Cancelled));
    }

    #[test]
    fn the_deadline_ends_a_wait() {
        let limit = TimeLimit::new(Duration::from_millis(30), &Cancel::default());
        assert_eq!(limit.sleep(LONG), Err(Expired::TimedOut));
        assert_eq!(limit.until(|| None::<()>), Err(Expired::TimedOut));
    }

    #[test]
    fn what_comes_in_time_is_yielded() {
        let limit = TimeLimit::new(LONG, &Cancel::default());
        let (sender, receiver) = mpsc::channel();
        sender.send(7).unwrap();
        drop(sender);
        assert_eq!(limit.receive(&receiver), Ok(Some(7)));
        assert_eq!(limit.receive(&receiver), Ok(None));
    }
}
