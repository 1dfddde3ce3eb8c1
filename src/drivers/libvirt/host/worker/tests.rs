use std::sync::mpsc;
use std::time::Duration;

use super::{MOST_HANGING, WorkerError, run, run_for};

const LONG: Duration = Duration::from_secs(60);

#[test]
fn yields_the_result() {
    assert_eq!(run("h", LONG, || 7).unwrap(), 7);
}

#[test]
fn ends_when_the_time_is_up() {
    let (_open, forever) = mpsc::channel::<()>();
    let outcome = run("h", Duration::from_millis(20), move || {
        forever.recv().is_ok()
    });
    assert!(matches!(outcome, Err(WorkerError::TimedOut)));
}

#[test]
fn a_panic_is_a_failure() {
    let outcome = run("h", LONG, || -> u8 { panic!("no {}", "luck") });
    assert!(matches!(outcome, Err(WorkerError::Panicked(message)) if message == "no luck"));
}

#[test]
fn a_late_result_is_dropped_by_its_own_thread() {
    struct Loud(mpsc::Sender<Option<String>>);
    impl Drop for Loud {
        fn drop(&mut self) {
            let name = std::thread::current().name().map(str::to_owned);
            self.0.send(name).unwrap();
            panic!("as the objects of virt do");
        }
    }
    let (dropped, seen) = mpsc::channel();
    let (release, wait) = mpsc::channel::<()>();
    let outcome = run("h", Duration::from_millis(20), move || {
        let _ = wait.recv();
        Loud(dropped)
    });
    assert!(matches!(outcome, Err(WorkerError::TimedOut)));
    drop(release);
    assert_eq!(
        seen.recv_timeout(LONG).unwrap().as_deref(),
        Some("libvirt-call")
    );
}

#[test]
fn a_host_that_hangs_is_called_no_more_until_a_call_comes_back() {
    let hang = || {
        let (release, wait) = mpsc::channel::<()>();
        let limit = Duration::from_millis(5);
        let outcome = run_for("hangs", limit, move || wait.recv().is_ok());
        (release, outcome)
    };
    let hanging: Vec<_> = (0..MOST_HANGING).map(|_| hang()).collect();
    assert!(
        hanging
            .iter()
            .all(|(_, call)| matches!(call, Err(WorkerError::TimedOut)))
    );
    assert!(matches!(hang().1, Err(WorkerError::Hanging(MOST_HANGING))));
    assert_eq!(run_for("another", LONG, || 7).unwrap(), 7);
    drop(hanging);
    let started = std::time::Instant::now();
    while run_for("hangs", LONG, || 7).is_err() {
        assert!(started.elapsed() < LONG);
        std::thread::sleep(Duration::from_millis(5));
    }
}
