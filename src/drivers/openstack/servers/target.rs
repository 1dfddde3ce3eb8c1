//! The cloud in which something is done to a server: asking for it, and waiting until it is so.

use std::time::Duration;

use serde_json::Value;

use super::server_fault::fault_error;
use super::show::shown;
use crate::concurrent::{Look, wait_until};
use crate::driver::{self, Context};
use crate::drivers::openstack::api::compute::Server;
use crate::drivers::openstack::cloud::{Cloud, LOOK_AGAIN, Path, Service};
use crate::drivers::openstack::lookup::servers::by_id;
use crate::drivers::openstack::settings::Settings;
use crate::{Error, Kind, Result};

/// How long an action is waited for that nobody gave a time, in seconds.
pub(super) const PATIENCE: u64 = 300;
/// How long a server may stand still in a state that an action does not lead to.
const STILL: Duration = Duration::from_secs(15);

/// A cloud in which something is done to a server.
pub(super) struct Target<'a> {
    pub(super) cx: &'a Context,
    pub(super) cloud: &'a Cloud,
    pub(super) patience: Duration,
}

impl Target<'_> {
    /// Tells Nova to do `body` to `server`.
    pub(super) fn tell(&self, server: &Server, body: &Value) -> Result<()> {
        let path = Path::of("/servers", &server.id)?.then("/action");
        self.cloud.tell(Service::Compute, path, body)
    }

    /// Waits until what `before` was turns into one of `targets`, and rests there; not at all where there
    /// are none.
    pub(super) fn wait_for(&self, before: &Server, targets: &[&str]) -> Result<Server> {
        let mut still = Duration::ZERO;
        let what = format!("{} to be {}", before.name, targets.join(" or "));
        let cancel = Some(&self.cx.cancel);
        let outcome = wait_until(cancel, self.patience, LOOK_AGAIN, &what, |waited| {
            let server = by_id(self.cloud, &before.id)?.ok_or_else(|| {
                let message = format!("{} was deleted in the meantime", before.name);
                Error::new(Kind::Conflict, message)
            })?;
            let resting = server.task_state.is_none();
            if targets.is_empty() || resting && targets.contains(&server.status.as_str()) {
                return Ok(Look::There(server));
            }
            if server.status == "ERROR" && before.status != "ERROR" {
                return Err(fault_error(&server));
            }
            if !resting || server.status != before.status {
                still = waited;
            }
            // Nova shows nothing of a confirmation until it is done.
            if waited.saturating_sub(still) >= STILL && before.status != "VERIFY_RESIZE" {
                let message = format!(
                    "the cloud did not carry it out: {} is still {}",
                    server.name, server.status
                );
                return Err(Error::new(Kind::Conflict, message));
            }
            let patience = self.patience.as_secs();
            self.cx.progress.report("wait", waited.as_secs(), patience);
            Ok(Look::NotYet(server))
        })?;
        match outcome {
            Look::There(server) => Ok(server),
            Look::NotYet(server) => {
                let message = format!(
                    "{} is still {}; the cloud goes on with it",
                    server.name,
                    server.task_state.as_deref().unwrap_or(&server.status)
                );
                Err(Error::new(Kind::Timeout, message))
            }
        }
    }

    pub(super) fn shown(&self, settings: &Settings, id: &str) -> Result<Option<driver::Server>> {
        let server = by_id(self.cloud, id)?;
        server
            .map(|server| shown(self.cloud, settings, &server))
            .transpose()
    }
}
