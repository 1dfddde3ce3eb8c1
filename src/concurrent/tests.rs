use std::panic;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::{Backoff, Clock, Course, Look, both, each, wait_by};
use crate::transaction::Cancel;
use crate::{Error, Kind, Result};

#[test]
fn of_many_no_more_are_asked_at_once_than_allowed_and_answers_keep_their_order() {
    let (now, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let all: Vec<usize> = (0..40).collect();
    let answers = each(&all, 4, |number| {
        most.fetch_max(now.fetch_add(1, Ordering::Relaxed) + 1, Ordering::Relaxed);
        std::thread::sleep(Duration::from_millis(1));
        now.fetch_sub(1, Ordering::Relaxed);
        number * 2
    });
    let doubled: Vec<usize> = (0..40).map(|number| number * 2).collect();
    assert_eq!(answers, doubled);
    assert!(most.into_inner() <= 4);
    assert_eq!(each(&[0; 0], 4, |number| *number), [0; 0]);
}

/// A clock on which nothing but sleep takes time, and at a moment of which a call is cancelled.
#[derive(Default)]
struct Fake {
    now: Duration,
    cancels: Option<(Duration, Cancel)>,
}

impl Clock for Fake {
    fn waited(&self) -> Duration {
        self.now
    }

    fn sleep(&mut self, length: Duration) {
        self.now += length;
        if let Some((at, cancel)) = &self.cancels
            && self.now >= *at
        {
            cancel.cancel();
        }
    }
}

const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

const STEADY: Backoff = Backoff {
    first: seconds(1),
    longest: seconds(1),
};

fn waits<T, W>(
    limit: u64,
    backoff: Backoff,
    look: impl FnMut(Duration) -> Result<Look<T, W>>,
) -> Result<Look<T, W>> {
    let course = Course::new(seconds(limit), backoff);
    wait_by(&mut Fake::default(), None, course, "it", look)
}

#[test]
fn what_comes_in_time_is_yielded() {
    let outcome = waits(10, STEADY, |waited| {
        Ok(if waited >= seconds(3) {
            Look::There(waited)
        } else {
            Look::NotYet(())
        })
    });
    assert_eq!(outcome, Ok(Look::There(seconds(3))));
}

#[test]
fn pauses_grow_to_the_longest_and_the_last_look_is_at_the_end() {
    let growing = Backoff {
        first: seconds(1),
        longest: seconds(5),
    };
    let mut looks = Vec::new();
    let outcome = waits(20, growing, |waited| -> Result<Look<(), u64>> {
        looks.push(waited.as_secs());
        Ok(Look::NotYet(waited.as_secs()))
    });
    assert_eq!(looks, [0, 1, 3, 7, 12, 17, 20]);
    assert_eq!(outcome, Ok(Look::NotYet(20)));
}

#[test]
fn without_any_time_one_look_is_taken() {
    let mut looks = 0;
    let outcome = waits(0, STEADY, |_| -> Result<Look<(), &str>> {
        looks += 1;
        Ok(Look::NotYet("busy"))
    });
    assert_eq!((outcome, looks), (Ok(Look::NotYet("busy")), 1));
}

#[test]
fn an_error_of_a_look_ends_the_wait() {
    let error = Error::new(Kind::Conflict, "deleted meanwhile");
    let outcome: Result<Look<()>> = waits(10, STEADY, |_| Err(error.clone()));
    assert_eq!(outcome, Err(error));
}

#[test]
fn an_interruption_ends_a_pause_unless_there_is_no_way_back() {
    let long = Backoff {
        first: seconds(60),
        longest: seconds(60),
    };
    for (is_heard, end, expected) in [
        (true, 2, Err(Kind::Cancelled)),
        (false, 120, Ok(Look::NotYet(()))),
    ] {
        let cancel = Cancel::default();
        let mut clock = Fake {
            cancels: Some((seconds(2), cancel.clone())),
            ..Fake::default()
        };
        let course = Course::new(seconds(120), long);
        let heard = is_heard.then_some(&cancel);
        let outcome: Result<Look<()>> =
            wait_by(&mut clock, heard, course, "it", |_| Ok(Look::NotYet(())));
        assert_eq!(outcome.map_err(|error| error.kind()), expected);
        assert_eq!(clock.now, seconds(end));
    }
}

#[test]
fn the_log_hears_of_a_wait_once_a_minute() {
    let mut course = Course::new(seconds(1000), STEADY);
    let told: Vec<u64> = (0..200)
        .filter(|second| course.is_to_tell(seconds(*second)))
        .collect();
    assert_eq!(told, [60, 120, 180]);
}

#[test]
fn both_answer_and_a_panic_goes_on_in_the_caller() {
    assert_eq!(both(|| 1, || 2), (1, 2));
    let caught = panic::catch_unwind(|| both(|| panic::resume_unwind(Box::new("no luck")), || ()));
    let Err(panic) = caught.map(|((), ())| ()) else {
        unreachable!()
    };
    assert_eq!(panic.downcast_ref(), Some(&"no luck"));
}
