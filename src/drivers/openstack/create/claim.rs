//! Who may have a name. Nova gives one name to many servers, so that of two creations at once both may
//! find it free; afterwards one of them gives way.
//!
//! Whoever sees nobody else right after its own server was made has the name: all who come later see that
//! server. Where creations see each other, the younger give way at once, and the oldest waits for them to be
//! gone; one that does not go has looked before the oldest was there, which gives way then. So nobody waits
//! who is alone.
//!
//! A host of the cloud may not show at once what another has made. So it is looked again once the server runs;
//! whoever sees an older one only now waits longer than that one waits for it, and gives way then.

use std::time::Duration;

use crate::concurrent::{Look, wait_until};
use crate::driver::Context;
use crate::drivers::creation::name_taken;
use crate::drivers::openstack::api::compute::Server;
use crate::drivers::openstack::cloud::{Cloud, LOOK_AGAIN};
use crate::drivers::openstack::lookup::servers::creations_named;
use crate::drivers::openstack::plan::Plan;
use crate::{Error, Kind, Result};

/// When it is looked who else has the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    /// Right after the server was made.
    Made,
    /// When it runs.
    Runs,
}

/// What was seen then.
#[derive(Debug, Default)]
pub(super) struct Claimed {
    /// The server itself.
    pub(super) server: Option<Server>,
    /// That the cloud could not be asked, for which no server is taken apart.
    pub(super) warning: Option<String>,
}

/// What a look at the servers of a name comes to.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Stays,
    Waits,
    GivesWay,
}

impl Moment {
    /// How long others are waited for.
    fn patience(self) -> Duration {
        match self {
            Self::Made => Duration::from_secs(10),
            Self::Runs => Duration::from_secs(20),
        }
    }

    /// What it means to `own` that there are `others`; each is when it was made, and its id.
    fn verdict<T: Ord>(self, own: &T, others: &[T]) -> Verdict {
        let is_oldest = others.iter().all(|other| own < other);
        match (self, is_oldest) {
            _ if others.is_empty() => Verdict::Stays,
            (Self::Made, true) | (Self::Runs, false) => Verdict::Waits,
            (Self::Made, false) => Verdict::GivesWay,
            (Self::Runs, true) => Verdict::Stays,
        }
    }
}

/// Sees that the server `id` may have the name of the `plan`, of those that this program made and that live.
pub(super) fn check(
    cx: &Context,
    cloud: &Cloud,
    plan: &Plan,
    id: &str,
    moment: Moment,
) -> Result<Claimed> {
    let look = |_| match look(cloud, plan, id, moment) {
        Ok((Verdict::Stays, server)) => Ok(Look::There(Claimed {
            server,
            warning: None,
        })),
        Ok((Verdict::Waits, _)) => Ok(Look::NotYet(())),
        Ok((Verdict::GivesWay, _)) => Err(taken(plan)),
        Err(error) if error.kind() == Kind::Cancelled => Err(error),
        Err(error) => Ok(Look::There(Claimed {
            server: None,
            warning: Some(format!(
                "whether another creation made a server {} at the same time could not be seen: {error}",
                plan.name
            )),
        })),
    };
    let cancel = Some(&cx.cancel);
    match wait_until(cancel, moment.patience(), LOOK_AGAIN, "the name", look)? {
        Look::There(claimed) => Ok(claimed),
        Look::NotYet(()) => Err(taken(plan)),
    }
}

fn taken(plan: &Plan) -> Error {
    name_taken(&plan.name, "made in the meantime")
}

fn look(cloud: &Cloud, plan: &Plan, id: &str, moment: Moment) -> Result<(Verdict, Option<Server>)> {
    let all = creations_named(cloud, &plan.name)?;
    let all = all.into_iter().map(|(_, server)| server);
    let (mut own, mut others): (Vec<_>, Vec<_>) = all.partition(|server| server.id == id);
    others.retain(|server| {
        server.status != "ERROR" && server.task_state.as_deref() != Some("deleting")
    });
    let age = |server: &Server| (server.created.clone(), server.id.clone());
    let others: Vec<_> = others.iter().map(age).collect();
    let own = own.pop();
    // one that is not shown is taken for the youngest
    let verdict = match &own {
        Some(own) => moment.verdict(&age(own), &others),
        None if others.is_empty() => Verdict::Stays,
        None => Verdict::GivesWay,
    };
    Ok((verdict, own))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A creation, as far as its name is concerned.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    enum State {
        Absent,
        /// Its server is there, and it has looked so often, in vain, at that moment.
        Looks(Moment, u32),
        Stays,
        Gone,
    }

    /// How many looks the oldest waits for, and whoever sees an older one when it runs.
    fn most(moment: Moment) -> u32 {
        u32::try_from(moment.patience().as_secs()).unwrap()
    }

    /// Lets `who`, whose age is its number, take its next step. A cloud that `hides` shows nobody the others
    /// before their own runs.
    fn step(all: &mut [State], who: usize, hides: bool) {
        let State::Looks(moment, looks) = all[who] else {
            if all[who] == State::Absent {
                all[who] = State::Looks(Moment::Made, 0);
            }
            return;
        };
        let hides = hides && moment == Moment::Made;
        let others: Vec<usize> = (0..all.len())
            .filter(|one| *one != who && !hides)
            .filter(|one| matches!(all[*one], State::Looks(..) | State::Stays))
            .collect();
        all[who] = match (moment.verdict(&who, &others), moment) {
            (Verdict::GivesWay, _) => State::Gone,
            (Verdict::Stays, Moment::Made) => State::Looks(Moment::Runs, 0),
            (Verdict::Stays, Moment::Runs) => State::Stays,
            (Verdict::Waits, _) if looks >= most(moment) => State::Gone,
            (Verdict::Waits, _) => State::Looks(moment, looks + 1),
        };
    }

    proptest! {
        // each has a turn in each round, so that all wait alike; ages are of one second
        #[test]
        fn of_creations_at_once_one_stands(
            count in 1usize..5,
            hides: bool,
            begun in proptest::collection::vec(0usize..8, 5),
            turns in proptest::collection::vec(any::<prop::sample::Index>(), 400),
        ) {
            let mut all = vec![State::Absent; count];
            for (round, turns) in turns.chunks(4).enumerate() {
                let mut left: Vec<usize> = (0..count).filter(|who| hides || begun[*who] <= round).collect();
                for turn in turns {
                    if left.is_empty() {
                        break;
                    }
                    let who = left.swap_remove(turn.index(left.len()));
                    step(&mut all, who, hides);
                }
            }
            let stand = all.iter().filter(|one| **one == State::Stays).count();
            prop_assert_eq!(stand, 1, "{:?}", all);
        }
    }
}
