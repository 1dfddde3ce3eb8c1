//! What comes once the server exists: the wait, the sealing, the answer. None of it takes the server
//! away again, but for an interruption.

use super::creator::{CreatedServer, Creator, Started};
use super::options::{has_reached, interrupted, not_ready, readiness};
use super::steps::Done;
use crate::Result;
use crate::driver::{Context, CreateOptions, Created, Server, WaitFor};
use crate::drivers::minion::wait;
use crate::salt::StartEvent;

/// Waits for the server that was `made` and seals its seed as far as the options ask, and answers.
pub(super) fn finish<C: Creator>(
    cx: &Context,
    creator: &C,
    plan: &C::Plan,
    made: CreatedServer<C::Server>,
    done: Done<'_>,
    mut minion: Option<StartEvent>,
) -> Result<Created> {
    let CreatedServer {
        server,
        started,
        mut warnings,
    } = made;
    let (name, options) = (&done.spec.server_name, done.options);
    let ready = match started {
        Started::NotYet => {
            warnings.push(not_ready(name, WaitFor::Running, options.timeout));
            false
        }
        Started::Unseen(why) => {
            warnings.push(format!("{name} exists, but its status is not known: {why}"));
            false
        }
        Started::Yes => {
            let has_address = || creator.show(&server).map(|seen| !seen.ip.is_empty());
            let waited = wait(cx, options, minion.as_mut(), has_address);
            match readiness(name, waited, options, &mut warnings) {
                Ok(ready) => ready,
                // The caller does not want it any more.
                Err(_) => return Err(interrupted(creator.delete(&server), name)),
            }
        }
    };
    let sealed = options.seal && ready && sealed(creator, &server, &mut warnings);
    let server = creator.show(&server).unwrap_or_else(|error| {
        warnings.push(format!(
            "{name} exists, but its details could not be read: {error}"
        ));
        let mut unseen = creator.unseen(plan, &server);
        unseen.role.clone_from(&done.spec.role);
        unseen.minion_id = done.minion.as_ref().map(|minion| minion.id.clone());
        unseen.managed = Some(true);
        unseen
    });
    Ok(Created {
        created: true,
        ready,
        sealed,
        server,
        minion: done.minion,
        warnings,
    })
}

fn sealed<C: Creator>(creator: &C, server: &C::Server, warnings: &mut Vec<String>) -> bool {
    creator
        .seal(server)
        .map_err(|error| {
            warnings.push(format!(
                "the private key is still on the seed: {error}; do the action seal again"
            ));
        })
        .is_ok()
}

/// Answers for a server that was asked for again.
pub(in crate::drivers) fn answer_existing(
    server: Server,
    mut warnings: Vec<String>,
    options: CreateOptions,
) -> Created {
    let ready = has_reached(&server, options);
    if !ready {
        let name = &server.name;
        let lacks = match options.wait {
            Some(WaitFor::Address) => "has no address that is known",
            _ => "does not run",
        };
        warnings.push(format!("{name} exists already, but it {lacks}"));
    }
    Created {
        created: false,
        ready,
        warnings,
        ..Created::new(server)
    }
}
