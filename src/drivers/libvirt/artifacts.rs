//! What a creation makes, and how each of it is removed again.

use std::cell::Cell;
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::domains::remove;
use super::host::Host;
use super::settings::Settings;
use super::storage::import::Import;
use super::storage::{names, volume};
use crate::driver::Context;
use crate::drivers::creation::revoke;
use crate::drivers::minion::MinionKey;
use crate::transaction::{Removal, Resource};
use crate::{Error, Kind, Result};

/// How long a daemon that is gone is given to come back, so that a restart of it costs nothing.
const COME_BACK: Duration = Duration::from_secs(8);

/// Something that a creation makes. Each carries what tells it from everything else of that name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "resource", rename_all = "snake_case")]
pub(super) enum Artifact {
    /// A volume; its name holds digits of the server's UUID.
    Volume { pool: String, volume: String },
    /// A key accepted on the master.
    MinionKey(MinionKey),
    /// A domain, with its UEFI variables.
    Domain { uuid: Uuid, server: String },
    /// What is in a pool while an image is imported; its name holds the import's id.
    ImportMarker(Import),
    /// An image that is being imported; until it is whole it begins with a mark that holds the id.
    Import(Import),
}

impl From<MinionKey> for Artifact {
    fn from(key: MinionKey) -> Self {
        Self::MinionKey(key)
    }
}

impl Resource for Artifact {
    fn kind(&self) -> &'static str {
        match self {
            Self::Volume { .. } => "volume",
            Self::MinionKey(_) => "minion_key",
            Self::Domain { .. } => "domain",
            Self::ImportMarker(_) => "import_marker",
            Self::Import(_) => "image",
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Volume { pool, volume } => format!("{pool}/{volume}"),
            Self::MinionKey(key) => key.place(),
            Self::Domain { server, .. } => server.clone(),
            Self::ImportMarker(import) => format!("{}/{}", import.pool, import.marker()),
            Self::Import(import) => format!("{}/{}", import.pool, import.image),
        }
    }
}

/// How long something may take to appear whose making was not answered in time.
const APPEAR: Duration = Duration::from_secs(5);
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Removes what was made. A host that is gone and does not come back is asked once, not once for
/// each thing.
#[derive(Debug)]
pub(super) struct Remover<'a> {
    cx: &'a Context,
    host: &'a Host,
    limit: Duration,
    gone: Cell<bool>,
    may_appear: Option<Artifact>,
}

impl<'a> Remover<'a> {
    /// For `host`.
    pub(super) fn new(cx: &'a Context, host: &'a Host, settings: &Settings) -> Self {
        Self {
            cx,
            host,
            limit: settings.call_limit,
            gone: Cell::new(false),
            may_appear: None,
        }
    }

    /// For `host`, after `cause` ended a creation that had written down all `artifacts`. A call that
    /// was given up may still be carried out, so what it was to make is not taken for absent because
    /// it cannot be seen yet.
    pub(super) fn after(
        cx: &'a Context,
        host: &'a Host,
        settings: &Settings,
        cause: &Error,
        artifacts: &[Artifact],
    ) -> Self {
        let may_appear = artifacts
            .last()
            .filter(|_| cause.kind() == Kind::Timeout)
            .cloned();
        Self {
            may_appear,
            ..Self::new(cx, host, settings)
        }
    }

    /// Removes `artifact`; what is not there any more needs no removal.
    pub(super) fn remove(&self, artifact: &Artifact) -> Result<Removal> {
        match artifact {
            Artifact::MinionKey(key) => revoke(&self.cx.state_dir, key),
            _ => self.remove_on_host(artifact),
        }
    }

    fn remove_on_host(&self, artifact: &Artifact) -> Result<Removal> {
        self.ensure_reachable()?;
        let until = Instant::now() + APPEAR;
        loop {
            let removal = match artifact {
                // Journals of the first version named images so.
                Artifact::Volume { volume, .. } if !names::is_servers(volume) => {
                    Removal::Kept("by its name it is no server's".to_owned())
                }
                Artifact::Volume { pool, volume } => {
                    Removal::of(volume::delete(self.host, pool, volume, self.limit)?)
                }
                Artifact::Domain { uuid, server } => {
                    Removal::of(self.remove_domain(*uuid, server)?)
                }
                Artifact::ImportMarker(import) => {
                    Removal::of(import.remove_marker(self.host, self.limit)?)
                }
                Artifact::Import(import) => import.remove(self.host, self.limit)?,
                Artifact::MinionKey(_) => Removal::Absent,
            };
            if removal != Removal::Absent || self.may_appear.as_ref() != Some(artifact) {
                return Ok(removal);
            }
            if Instant::now() >= until {
                return Err(Error::new(
                    Kind::Timeout,
                    "the host never answered whether it was made, and it may still appear; \
                     server.recover removes it then",
                ));
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// Switches the domain off and forgets it; answers whether it was there.
    fn remove_domain(&self, uuid: Uuid, server: &str) -> Result<bool> {
        self.host.call(
            &format!("remove the domain {server}"),
            self.limit,
            move |conn| remove(conn, uuid, true),
        )
    }

    fn ensure_reachable(&self) -> Result<()> {
        let unreachable =
            || Error::new(Kind::ConnectionFailed, "the host does not answer any more");
        if self.gone.get() {
            return Err(unreachable());
        }
        if self.host.is_alive() {
            return Ok(());
        }
        let until = Instant::now() + COME_BACK;
        loop {
            match self.host.reconnect() {
                Ok(()) => return Ok(()),
                Err(_) if Instant::now() < until => thread::sleep(Duration::from_millis(500)),
                Err(error) => {
                    self.gone.set(true);
                    return Err(unreachable().with_source(error));
                }
            }
        }
    }
}
