//! The order of a creation, which is the same for every driver: what is asked for is checked, what was
//! cut off is cleared up, a server that exists already is answered for; then the plan, carried out as a
//! transaction; then the guest is waited for as far as the caller asks.

use std::thread;
use std::time::{Duration, Instant};

use super::creator::{Creator, Namesake};
use super::finish::{answer_existing, finish};
use super::recovery::{Recovery, clear_up};
use super::server_name::name_taken;
use super::steps::{Steps, Wanted};
use crate::driver::{Context, Created, PlanAnswer, ServerSpec};
use crate::drivers::minion;
use crate::transaction::Journal;
use crate::{Error, Kind, Result};

/// How long others that are at work on a server of the same name are waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// How often they are looked for meanwhile.
const TICK: Duration = Duration::from_millis(100);

/// What creating the server would do.
pub(in crate::drivers) fn plan_only(
    creator: &impl Creator,
    spec: &ServerSpec,
) -> Result<PlanAnswer> {
    let exists = existing(creator, &spec.server_name)?.is_some();
    creator.show_plan(&creator.prepare()?, exists)
}

/// Creates the server that is `wanted`.
pub(in crate::drivers) fn create<C: Creator>(
    cx: &Context,
    wanted: Wanted<'_>,
    creator: &C,
) -> Result<Created> {
    let name = &wanted.spec.server_name;
    alone(cx, creator.host(), name)?;
    if let Some(server) = existing(creator, name)? {
        let (server, warnings) = creator.show_existing(&server)?;
        return Ok(answer_existing(server, warnings, wanted.options));
    }
    cx.progress.report("check", 0, 1);
    let plan = creator.prepare()?;
    cx.progress.report("check", 1, 1);

    // before the guest starts, or it may be missed
    let started = minion::listener(cx, wanted.minion_id, wanted.options)?;
    let options = wanted.options;
    let host = creator.host().host_id()?;
    let mut steps = Steps::begin(cx, wanted, host, creator.identity(&plan))?;
    let made = creator.execute(&plan, &mut steps);
    let made = match made.and_then(|made| steps.end().map(|()| made)) {
        Ok(made) => made,
        Err(cause) => {
            let error = creator.roll_back(steps.into_transaction(), cause);
            // Of two that ask for the same at once both get the one that is left.
            if error.kind() == Kind::AlreadyExists
                && let Ok(Some(server)) = existing(creator, name)
            {
                let (server, warnings) = creator.show_existing(&server)?;
                return Ok(answer_existing(server, warnings, options));
            }
            return Err(error);
        }
    };
    finish(cx, creator, &plan, made, steps.commit(), started)
}

/// Clears up what was cut off, and waits for others that are at work on a server of this name: what they
/// remove would be taken for one that stands.
fn alone(cx: &Context, host: &impl Recovery, name: &str) -> Result<()> {
    let (id, begun) = (host.host_id()?, Instant::now());
    loop {
        clear_up(cx, host, name)?;
        if begun.elapsed() > PATIENCE || !Journal::in_hand(&cx.state_dir, &id, name)? {
            return Ok(());
        }
        cx.cancel.check()?;
        thread::sleep(TICK);
    }
}

/// The server that exists already, made from the same specification and whole; another one of that
/// name is an error.
fn existing<C: Creator>(creator: &C, name: &str) -> Result<Option<C::Existing>> {
    let digest = creator.digest();
    let mut why = None;
    for namesake in creator.namesakes()? {
        match namesake {
            Namesake::Ours {
                server,
                digest: made_of,
            } if made_of == digest => {
                let missing = creator.what_is_missing(&server)?;
                return if missing.is_empty() {
                    Ok(Some(server))
                } else {
                    Err(not_whole(name, &missing))
                };
            }
            Namesake::Ours { .. } => why = Some("made from another specification".to_owned()),
            Namesake::Foreign(what) => why = why.or(Some(format!("which {what}"))),
        }
    }
    why.map_or(Ok(None), |why| Err(name_taken(name, &why)))
}

/// The error about a server that is not what was made any more.
fn not_whole(name: &str, missing: &[String]) -> Error {
    let message = format!(
        "{name} exists already, made from the same specification, but this of it is missing: {}; \
         delete it and create it again",
        missing.join(", ")
    );
    Error::new(Kind::Conflict, message).with_field("/server/server_name")
}

#[cfg(test)]
mod tests;
