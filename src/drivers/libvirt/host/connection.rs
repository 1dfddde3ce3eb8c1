//! The connection to a host.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::{Duration, Instant};

use virt::connect::Connect;

use super::kept::{self, Kept, Peer};
use super::link::{Fitness, KnownPools, Link};
use super::worker::{self, WorkerError};
use super::{Credentials, HostUri, Transport, at_once, errors, events, reach, test_file};
use crate::concurrent::Gate;
use crate::transaction::HostId;
use crate::{Error, Kind, Result};

/// How long to wait, and how soon to give a silent peer up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    /// For a TCP or TLS host's port to answer.
    pub reach: Duration,
    /// For the whole of opening: name resolution, handshake, authentication.
    pub open: Duration,
    /// For a call that only asks or changes a definition.
    pub call: Duration,
    /// For closing, and for asking whether the connection is still alive.
    pub close: Duration,
    /// Seconds between keepalive messages.
    pub keepalive_interval: u16,
    /// Unanswered keepalive messages after which the peer counts as gone.
    pub keepalive_count: u16,
}

impl Default for Limits {
    /// 5 s, 30 s, 120 s, 2 s; a peer is gone after 5 messages, 5 s apart, without an answer.
    fn default() -> Self {
        Self {
            reach: Duration::from_secs(5),
            open: Duration::from_secs(30),
            call: Duration::from_secs(120),
            close: Duration::from_secs(2),
            keepalive_interval: 5,
            keepalive_count: 5,
        }
    }
}

/// An open connection. Clones share it; when the last one is gone it closes, or a session keeps it.
#[derive(Clone)]
pub(crate) struct Host {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    peer: Peer,
    limits: Limits,
    connection: RwLock<Arc<Link>>,
    calls: Arc<Gate>,
    id: OnceLock<HostId>,
    pools: Mutex<KnownPools>,
    pub(super) kind: Mutex<Option<String>>,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.pools
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
        let id = std::mem::take(&mut self.id);
        let link = self.connection.get_mut();
        kept::put(&self.peer, link.unwrap_or_else(PoisonError::into_inner), id);
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host")
            .field("uri", self.uri())
            .field("limits", &self.inner.limits)
            .finish_non_exhaustive()
    }
}

impl Host {
    /// Opens a connection within [`Limits::open`], or takes one that the session has kept.
    ///
    /// `connection_failed` when the host is not there or does not answer, `auth_failed` when it
    /// refuses us or its certificate does not convince, `permission_denied` when we may not use its
    /// socket, `unsupported` when libvirt is not installed here.
    pub(crate) fn open(uri: &HostUri, credentials: &Credentials, limits: Limits) -> Result<Self> {
        if uri.insecure() {
            tracing::warn!("{uri} is used without checking who answers there (no_verify=1)");
        }
        let peer = Peer {
            uri: uri.clone(),
            credentials: credentials.clone(),
        };
        let kept = kept::take(&peer, |link| answers(link, limits));
        let Kept { link, id } = match kept {
            Some(kept) => kept,
            None => Kept {
                link: Arc::new(connect(&peer, limits)?),
                id: OnceLock::new(),
            },
        };
        tracing::info!("connected to {uri}");
        Ok(Self {
            inner: Arc::new(Inner {
                peer,
                limits,
                connection: RwLock::new(link),
                calls: Arc::new(Gate::new(at_once())),
                id,
                pools: Mutex::default(),
                kind: Mutex::default(),
            }),
        })
    }

    /// Where it is connected to.
    #[must_use]
    pub(crate) fn uri(&self) -> &HostUri {
        &self.inner.peer.uri
    }

    /// How long a call may take that only asks or changes a definition.
    #[must_use]
    pub(crate) fn call_limit(&self) -> Duration {
        self.inner.limits.call
    }

    /// How long it is waited for.
    pub(in crate::drivers::libvirt) fn limits(&self) -> Limits {
        self.inner.limits
    }

    /// Which host it is, once somebody has asked.
    pub(in crate::drivers::libvirt) fn known_id(&self) -> &OnceLock<HostId> {
        &self.inner.id
    }

    /// Calls libvirt. `doing` completes "cannot …" in errors: "start the domain web1".
    ///
    /// `f` runs on a thread of its own. After `limit` the answer is `timeout` and the thread is left
    /// to itself: whatever it was doing may still happen. `f` should return plain data rather than
    /// libvirt's objects, which `hold` is for.
    pub(crate) fn call<T, F>(&self, doing: &str, limit: Duration, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connect) -> std::result::Result<T, virt::error::Error> + Send + 'static,
    {
        let (link, what) = (self.link(), doing.to_owned());
        self.work(doing, limit, move || {
            f(link.get()).map_err(|error| errors::from_virt(&what, &error))
        })
    }

    /// As [`call`](Self::call), for what only asks or changes a definition.
    pub(crate) fn ask<T, F>(&self, doing: &str, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce(&Connect) -> std::result::Result<T, virt::error::Error> + Send + 'static,
    {
        self.call(doing, self.call_limit(), f)
    }

    /// Does `f`, which is `doing`, on a thread of its own, once no more than the host takes are on their way.
    pub(super) fn work<T, F>(&self, doing: &str, limit: Duration, f: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> Result<T> + Send + 'static,
    {
        let permit = self.inner.calls.enter();
        let begun = Instant::now();
        let done = worker::run_for(self.uri().as_str(), limit, f)
            .unwrap_or_else(|error| Err(self.failed(doing, limit, error)));
        drop(permit);
        if let Err(error) = &done
            && matches!(error.kind(), Kind::Timeout | Kind::ConnectionFailed)
        {
            self.link().fitness.fail();
        }
        let took = begun.elapsed().as_millis();
        match &done {
            Ok(_) => tracing::debug!("{doing}: done in {took} ms"),
            Err(error) => tracing::debug!("{doing}: {} in {took} ms", error.kind()),
        }
        done
    }

    /// Whether the connection is still alive, as far as this side knows.
    #[must_use]
    pub(crate) fn is_alive(&self) -> bool {
        let link = self.link();
        worker::run_for(self.uri().as_str(), self.inner.limits.close, move || {
            link.get().is_alive().unwrap_or(false)
        })
        .unwrap_or(false)
    }

    /// Opens the connection anew, for this and every clone: a rollback must not fail because the
    /// connection broke. Objects of the old connection stay with it.
    pub(crate) fn reconnect(&self) -> Result<()> {
        let inner = &self.inner;
        let fresh = Arc::new(connect(&inner.peer, inner.limits)?);
        let mut slot = inner
            .connection
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let old = std::mem::replace(&mut *slot, fresh);
        drop(slot);
        self.pools().clear();
        drop(old);
        Ok(())
    }

    pub(super) fn pools(&self) -> MutexGuard<'_, KnownPools> {
        let pools = self.inner.pools.lock();
        pools.unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection that is open now.
    pub(super) fn link(&self) -> Arc<Link> {
        let slot = self
            .inner
            .connection
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        Arc::clone(&slot)
    }

    fn failed(&self, doing: &str, limit: Duration, error: WorkerError) -> Error {
        let uri = self.uri();
        match error {
            WorkerError::TimedOut => Error::new(
                Kind::Timeout,
                format!(
                    "cannot {doing}: {uri} did not answer within {} s",
                    limit.as_secs_f32()
                ),
            ),
            other => broken(doing, uri, other),
        }
    }
}

/// Whether the host still answers on `link`. That it is alive is known of this side only.
fn answers(link: &Arc<Link>, limits: Limits) -> bool {
    let asked = Arc::clone(link);
    let answers = worker::run_for(&link.host, limits.reach, move || {
        let connection = asked.get();
        connection.is_alive().unwrap_or(false) && connection.lib_version().is_ok()
    });
    answers.unwrap_or(false)
}

fn connect(with: &Peer, limits: Limits) -> Result<Link> {
    let Peer { uri, credentials } = with;
    let (peer, credentials) = (uri.clone(), credentials.clone());
    let opened = worker::run_for(uri.as_str(), limits.open, move || {
        // ssh is not tried beforehand: its configuration may lead somewhere else
        if matches!(peer.transport(), Transport::Tcp | Transport::Tls)
            && let Some((host, port)) = peer.endpoint()
        {
            reach::reach(host, port, limits.reach)?;
        }
        if let Some(path) = peer.test_file() {
            test_file::check(path, &format!("/provider{}", peer.field()))?;
        }
        // libvirt prints every error to stderr unless told not to
        virt::error::clear_error_callback();
        events::start();
        let connection = credentials
            .open(peer.as_str())
            .map_err(|error| errors::from_open(&peer, &error))?;
        let keepalive = connection.set_keep_alive(
            limits.keepalive_interval.into(),
            limits.keepalive_count.into(),
        );
        if let Err(error) = &keepalive {
            // within this process there is no peer to keep alive
            tracing::debug!("{peer} has no keepalive: {error}");
        }
        Ok(Link {
            connect: Some(connection),
            host: peer.as_str().to_owned(),
            close_limit: limits.close,
            fitness: Fitness::new(keepalive.is_ok()),
        })
    });
    opened.unwrap_or_else(|error| {
        Err(match error {
            WorkerError::TimedOut => Error::new(
                Kind::ConnectionFailed,
                format!(
                    "{uri} takes connections but did not answer as libvirt does within {} s: \
                     check the port and the daemon",
                    limits.open.as_secs_f32()
                ),
            ),
            other => broken("connect", uri, other),
        })
    })
}

fn broken(doing: &str, uri: &HostUri, error: WorkerError) -> Error {
    match error {
        WorkerError::Hanging(count) => Error::new(
            Kind::ConnectionFailed,
            format!(
                "cannot {doing}: {count} earlier calls of {uri} hang; it is called again when one of them \
                 comes back: look after its libvirtd"
            ),
        ),
        WorkerError::NoThread(error) => Error::new(
            Kind::Internal,
            format!("cannot {doing}: the system has no thread left"),
        )
        .with_source(error),
        WorkerError::Panicked(message) => Error::new(
            Kind::Internal,
            format!("cannot {doing}: the libvirt binding panicked"),
        )
        .with_source(message),
        WorkerError::TimedOut => {
            Error::new(Kind::Timeout, format!("cannot {doing}: no answer in time"))
        }
    }
}
