//! The minion of a creation: its keys, their acceptance, its first word.

use std::path::Path;
use std::time::{Duration, Instant};

use super::Host;
use super::master::pki_dir;
use super::note::{Key, Made, Note};
use super::profile::Profile;
use crate::Result;
use crate::concurrent::{Backoff, Look, wait_until};
use crate::driver::{Context, Keys, ServerSpec, given, make};
use crate::salt::{MinionId, PublicKey, StartEvent, accept};

const LOOK_AGAIN: Backoff = Backoff {
    first: Duration::from_millis(200),
    longest: Duration::from_millis(500),
};

/// The minion's keys and id, where Salt is to install one.
pub(super) fn minion(
    host: &Host<'_>,
    profile: &Profile,
    spec: &ServerSpec,
) -> Result<Option<(Keys, MinionId)>> {
    if !profile.deploys(host) {
        return match spec.minion {
            None => Ok(None),
            Some(_) => Err(host
                .unsupported("install a minion: its configuration says `deploy: False`")
                .with_field("/server/minion")),
        };
    }
    let id = profile.minion_id(host, &spec.server_name);
    let id = MinionId::new(id).map_err(|error| error.with_field("/server/minion/id"))?;
    let keys = given(spec)?.map_or_else(|| make(spec), Ok)?;
    Ok(Some((keys, id)))
}

/// Accepts the minion's key where that is wanted and a master is here; `note` says so before.
pub(super) fn accept_key(
    host: &Host<'_>,
    note: &mut Note,
    made: &mut Made,
    spec: &ServerSpec,
    (keys, id): (&Keys, &MinionId),
    warnings: &mut Vec<String>,
) -> Result<bool> {
    let asked = spec.minion.as_ref();
    if asked.and_then(|minion| minion.accept) == Some(false) {
        return Ok(false);
    }
    let own = asked
        .and_then(|minion| minion.pki_dir.as_ref())
        .map(Into::into);
    let dir = own
        .clone()
        .unwrap_or_else(|| pki_dir(&host.cx.salt_config_dir));
    if own.is_none() && !Path::new(&dir).is_dir() {
        warnings.push(format!(
            "the key of the minion {id} is accepted nowhere: there is no master here ({})",
            dir.display()
        ));
        return Ok(false);
    }
    made.key = Some(Key {
        pki_dir: dir.clone(),
        id: id.to_string(),
        fingerprint: keys.fingerprint.clone(),
    });
    note.write(made.clone())?;
    let accepted = PublicKey::from_pem(&keys.public).and_then(|public| accept(&dir, id, &public));
    match accepted {
        Ok(outcome) => {
            if !outcome.is_new {
                // whoever has accepted it before takes it away again
                made.key = None;
                note.write(made.clone())?;
            }
            Ok(true)
        }
        Err(error) => {
            note.forget();
            Err(error.with_field("/server/minion/id"))
        }
    }
}

/// Waits until `end` for the minion's first word; whether it came.
pub(super) fn await_minion(cx: &Context, listener: &mut StartEvent, end: Instant) -> Result<bool> {
    let left = end.saturating_duration_since(Instant::now());
    let heard = wait_until(
        Some(&cx.cancel),
        left,
        LOOK_AGAIN,
        "the minion's start",
        |_| {
            Ok(if listener.has_come()? {
                Look::There(())
            } else {
                Look::NotYet(())
            })
        },
    )?;
    Ok(heard == Look::There(()))
}
