//! What a creation answers once its server stands, whichever host it stands on.

use super::minion::Keys;
use crate::driver::{CreatedMinion, Deleted};
use crate::salt::MinionId;
use crate::{Error, Kind, Result};

/// Whether the server got as far as was `waited` for. What went wrong in the wait is a warning, because
/// the server stands; only an interruption stays an error.
pub(super) fn is_ready(
    waited: Result<bool>,
    for_minion: bool,
    warnings: &mut Vec<String>,
) -> Result<bool> {
    match waited {
        Ok(ready) => {
            if for_minion && !ready {
                warnings.push(
                    "it stands, but its minion was not heard to start in time: look at the guest's \
                     console, and whether the master runs"
                        .to_owned(),
                );
            }
            Ok(ready)
        }
        Err(error) if error.kind() == Kind::Cancelled => Err(error),
        Err(error) => {
            warnings.push(format!(
                "it stands, but it could not be waited for: {error}"
            ));
            Ok(false)
        }
    }
}

/// The answer to a caller who did not want the server `name` any more: what its deletion came to.
pub(super) fn interrupted(deleted: Result<Deleted>, name: &str) -> Error {
    match deleted {
        Ok(_) => Error::new(
            Kind::Cancelled,
            "interrupted; what was made has been removed again",
        ),
        Err(undo) => Error::new(
            Kind::PartialFailure,
            format!("interrupted, and {name} could not be removed again"),
        )
        .with_source(undo.message())
        .with_left_behind(undo.left_behind().to_vec()),
    }
}

/// The minion of the server, where it has one.
pub(super) fn created_minion(
    keys: Option<Keys>,
    id: Option<&MinionId>,
    accepted: bool,
) -> Option<CreatedMinion> {
    keys.zip(id).map(|(keys, id)| CreatedMinion {
        id: id.to_string(),
        fingerprint: keys.fingerprint,
        public_key: keys.public,
        accepted,
    })
}
