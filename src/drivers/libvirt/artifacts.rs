//! What a creation makes, and how each of it is removed again.

use std::cell::Cell;
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::domains;
use super::host::Host;
use super::{pools, volumes};
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
        }
    }

    fn name(&self) -> String {
        match self {
            Self::Volume { pool, volume } => format!("{pool}/{volume}"),
            Self::MinionKey(key) => key.place(),
            Self::Domain { server, .. } => server.clone(),
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
    gone: Cell<bool>,
    may_appear: Option<Artifact>,
}

impl<'a> Remover<'a> {
    /// For `host`.
    pub(super) fn new(cx: &'a Context, host: &'a Host) -> Self {
        Self {
            cx,
            host,
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
        cause: &Error,
        artifacts: &[Artifact],
    ) -> Self {
        let may_appear = artifacts
            .last()
            .filter(|_| cause.kind() == Kind::Timeout)
            .cloned();
        Self {
            may_appear,
            ..Self::new(cx, host)
        }
    }

    /// Removes `artifact`; what is not there any more needs no removal.
    pub(super) fn remove(&self, artifact: &Artifact) -> Result<Removal> {
        match artifact {
            Artifact::MinionKey(key) => revoke(&self.cx.state_dir, key),
            Artifact::Volume { .. } | Artifact::Domain { .. } => self.remove_on_host(artifact),
        }
    }

    fn remove_on_host(&self, artifact: &Artifact) -> Result<Removal> {
        self.ensure_reachable()?;
        let until = Instant::now() + APPEAR;
        loop {
            let removed = match artifact {
                Artifact::Volume { pool, volume } => self.remove_volume(pool, volume)?,
                Artifact::Domain { uuid, .. } => self.remove_domain(*uuid)?,
                Artifact::MinionKey(_) => true,
            };
            if removed || self.may_appear.as_ref() != Some(artifact) {
                return Ok(Removal::of(removed));
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

    /// Removes the volume; answers whether it was there.
    fn remove_volume(&self, pool: &str, name: &str) -> Result<bool> {
        let pool = pools::named(self.host, pool)?;
        match volumes::find(&pool, name)? {
            Some(volume) => volume.delete(),
            None => Ok(false),
        }
    }

    /// Switches the domain off and forgets it; answers whether it was there.
    fn remove_domain(&self, uuid: Uuid) -> Result<bool> {
        let Some(domain) = domains::find_by_uuid(self.host, uuid)? else {
            return Ok(false);
        };
        domain.switch_off()?;
        domain.undefine(true)?;
        Ok(true)
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
