//! When another try may follow, and after how long.

use std::fmt;
use std::time::{Duration, Instant};

use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use super::answer::Answer;
use super::time_limit::TimeLimit;
use super::transport_error::{self, Cause};

/// How long a service, or a proxy before it, that says it is unwell is asked again: a restart takes
/// seconds, and whoever asks for a status should not wait for all of a long `timeout`.
const UNWELL: Duration = Duration::from_secs(30);
/// How often one is tried at most that finds no service: whoever mistyped the address should not wait.
const TRIES_UNREACHED: u32 = 3;
/// The first pause where the service names none; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(300);
/// The longest pause of ours.
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// The tries of one request.
#[derive(Debug)]
pub(in crate::drivers::openstack) struct Tries {
    made: u32,
    begun: Instant,
}

impl Tries {
    pub(in crate::drivers::openstack) fn begin() -> Self {
        Self {
            made: 0,
            begun: Instant::now(),
        }
    }

    /// Whether another try is to follow the `outcome` of one, for which it pauses. Where the service wants a longer
    /// pause than `limit` has, what it said is the answer.
    pub(in crate::drivers::openstack) fn another(
        &mut self,
        request: impl fmt::Display,
        outcome: &transport_error::Result<Answer>,
        repeatable: bool,
        limit: &TimeLimit,
    ) -> transport_error::Result<bool> {
        self.made += 1;
        let went = match outcome {
            Ok(answer) => Outcome::Status(
                answer.status().as_u16(),
                answer
                    .header("retry-after")
                    .and_then(|text| retry_after(text, OffsetDateTime::now_utc())),
            ),
            Err(error) => Outcome::NoAnswer(error.cause),
        };
        let pause = pause(self.made, self.begun.elapsed(), repeatable, went);
        let Some(pause) = pause.filter(|pause| *pause < limit.left()) else {
            return Ok(false);
        };
        tracing::info!("{request} is tried again in {} ms", pause.as_millis());
        limit.sleep(pause)?;
        Ok(true)
    }
}

/// How a try went.
#[derive(Debug, Clone, Copy)]
enum Outcome {
    /// It was answered with this status, and `Retry-After` where it was said.
    Status(u16, Option<Duration>),
    /// It was not answered.
    NoAnswer(Cause),
}

/// How long to pause before another try; `None` where there is to be none. `tries` were made so far, the
/// first of them `since` ago. The request's time limit ends it all.
fn pause(tries: u32, since: Duration, repeatable: bool, outcome: Outcome) -> Option<Duration> {
    let own = FIRST_PAUSE
        .saturating_mul(1 << tries.saturating_sub(1).min(8))
        .min(LONGEST_PAUSE);
    // a service that wants to be asked at once would be asked without end and pause
    let said = |after: Option<Duration>| after.filter(|after| *after >= FIRST_PAUSE).unwrap_or(own);
    match outcome {
        // too many requests, of which it has not carried out this one; 413 was the older word for it,
        // and without the header says that a quota is used up
        Outcome::Status(429, after) | Outcome::Status(413, after @ Some(_)) => Some(said(after)),
        // the service says that it has not carried it out
        Outcome::Status(503, after) if since < UNWELL => Some(said(after)),
        // a proxy does not know whether it was carried out
        Outcome::Status(502 | 504, after) if repeatable && since < UNWELL => Some(said(after)),
        // nothing was sent
        Outcome::NoAnswer(Cause::Refused) if tries < TRIES_UNREACHED => Some(own),
        Outcome::NoAnswer(Cause::Broken) if repeatable && tries < TRIES_UNREACHED => Some(own),
        _ => None,
    }
}

/// What the header `Retry-After` says: seconds, or a date.
fn retry_after(text: &str, now: OffsetDateTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    // HTTP says GMT where RFC 2822 says +0000
    let date = text
        .strip_suffix("GMT")
        .map_or_else(|| text.to_owned(), |begin| format!("{begin}+0000"));
    let then = OffsetDateTime::parse(&date, &Rfc2822).ok()?;
    Some((then - now).try_into().unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use time::macros::datetime;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn what_was_not_carried_out_is_tried_again() {
        let hour = Duration::from_secs(3600);
        for status in [429, 413, 503] {
            let outcome = Outcome::Status(status, Some(SECOND));
            assert_eq!(pause(1, Duration::ZERO, false, outcome), Some(SECOND));
        }
        assert!(pause(90, hour, false, Outcome::Status(429, None)).is_some());
        assert!(pause(9, UNWELL / 2, false, Outcome::Status(503, None)).is_some());
        assert_eq!(pause(9, UNWELL, false, Outcome::Status(503, None)), None);
        assert!(pause(1, hour, false, Outcome::NoAnswer(Cause::Refused)).is_some());
    }

    #[test]
    fn what_may_have_been_carried_out_is_not() {
        for outcome in [
            Outcome::Status(502, None),
            Outcome::Status(504, None),
            Outcome::NoAnswer(Cause::Broken),
        ] {
            assert_eq!(
                pause(1, Duration::ZERO, false, outcome),
                None,
                "{outcome:?}"
            );
            assert!(
                pause(1, Duration::ZERO, true, outcome).is_some(),
                "{outcome:?}"
            );
        }
    }

    #[test]
    fn what_will_be_no_other_is_not() {
        for outcome in [
            Outcome::Status(500, None),
            Outcome::Status(404, None),
            Outcome::Status(413, None),
            Outcome::NoAnswer(Cause::TimedOut),
            Outcome::NoAnswer(Cause::UnknownHost),
        ] {
            assert_eq!(pause(1, Duration::ZERO, true, outcome), None, "{outcome:?}");
        }
    }

    #[test]
    fn a_service_that_wants_no_pause_gets_one() {
        let at_once = Outcome::Status(429, Some(Duration::ZERO));
        assert_eq!(pause(1, Duration::ZERO, true, at_once), Some(FIRST_PAUSE));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = datetime!(2026-11-24 08:49:37 UTC);
        let read = |text| retry_after(text, now);
        assert_eq!(read("2"), Some(2 * SECOND));
        assert_eq!(read("Tue, 24 Nov 2026 08:49:47 GMT"), Some(10 * SECOND));
        assert_eq!(read("Tue, 24 Nov 2026 08:49:07 GMT"), Some(Duration::ZERO));
        assert_eq!(read("soon"), None);
    }

    proptest! {
        #[test]
        fn pauses_are_bounded(tries in 1u32.., status in 100u16..600, repeatable: bool) {
            let pause = pause(tries, Duration::ZERO, repeatable, Outcome::Status(status, None));
            prop_assert!(pause.is_none_or(|pause| (FIRST_PAUSE..=LONGEST_PAUSE).contains(&pause)));
        }

        #[test]
        fn any_header_is_read(text in ".*") {
            let _ = retry_after(&text, datetime!(2026-11-24 08:49:37 UTC));
        }
    }
}
