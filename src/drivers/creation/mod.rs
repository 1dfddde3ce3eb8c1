//! What every driver does alike when it creates a server.
//!
//! | file | concern |
//! |---|---|
//! | `run` | the order of a creation |
//! | `creator` | what a driver does for it: that in which hosts differ |
//! | `steps` | its steps: what is written down, the minion's key made and accepted |
//! | `finish` | once the server exists: the wait, the sealing, the answer |
//! | `limits` | how much a server may have, and which members exclude each other |
//! | `options` | how far a creation goes beyond the server, and how far it got |
//! | `choice` | the `name|id` of a form's choices |
//! | `delegated` | servers that somebody else makes: a program, or salt-cloud |
//! | `digest` | by what a creation that is asked for again is known |
//! | `server_name` | which names servers may have |
//! | `dry_run` | what a deletion or a recovery would do |
//! | `removal` | what is answered of removals |
//! | `revocation` | whose key goes with a server |
//! | `recovery` | what was cut off is removed; what is left of servers that are no more |

mod choice;
mod creator;
pub(in crate::drivers) mod delegated;
mod digest;
mod dry_run;
mod finish;
mod limits;
mod options;
mod recovery;
mod removal;
mod revocation;
mod run;
mod server_name;
mod steps;

pub(super) use choice::{id_in, name_in};
pub(super) use creator::{ArtifactOf, CreatedServer, Creator, Namesake, Started};
pub(super) use digest::{digest_of, without_keys};
pub(super) use dry_run::{plan_recovery, plan_revocation, plan_unfinished};
pub(super) use finish::answer_existing;
pub(super) use limits::{
    DISK_GIB, DISKS, MEMBERS, check_limits, check_mac, check_size, disks, wanted_networks,
};
pub(super) use recovery::{Orphan, Recovery, clear_up, recover, recover_subject};
pub(super) use removal::Removals;
pub(super) use revocation::{missing_key, recorded_key, revoke, would_revoke};
pub(super) use run::{create, plan_only};
pub(super) use server_name::{check_server_name, name_taken};
pub(super) use steps::{Steps, Wanted};

use crate::{Error, Result};

/// The specification's `own` value, else the provider's `default`; `what` is the member that holds both.
pub(super) fn or_default(
    own: Option<&String>,
    default: Option<&String>,
    what: &str,
) -> Result<String> {
    own.or(default)
        .filter(|text| !text.is_empty())
        .cloned()
        .ok_or_else(|| {
            let message = format!("no {what} is given, and the provider has no default for it");
            Error::invalid(format!("/server/{what}"), message)
        })
}
