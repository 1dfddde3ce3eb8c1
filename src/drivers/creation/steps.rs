//! The steps of a creation that is carried out: what is about to be made is written down, and the
//! minion's key is made and accepted.

use std::fs::File;
use std::thread;

use super::options::check_options;
use crate::Result;
use crate::concurrent::{joined, spawn};
use crate::driver::{Context, CreateOptions, CreatedMinion, ServerSpec};
use crate::drivers::minion::{
    Keys, MinionKey, RecordedMinion, ServerIdentity, accept, accept_in, created_minion, given,
    make, note_given, size,
};
use crate::salt::MinionId;
use crate::transaction::{HostId, Journal, Resource, Transaction};

/// What is asked for, as far as it is the same for every kind of host.
#[derive(Debug)]
pub(in crate::drivers) struct Wanted<'a> {
    pub(super) spec: &'a ServerSpec,
    pub(super) minion_id: Option<&'a MinionId>,
    pub(super) options: CreateOptions,
    /// The minion's keys, where the caller brings them.
    pub(super) given: Option<Keys>,
}

impl<'a> Wanted<'a> {
    /// Sees that `options` fit to the server, and that the keys which it brings are a pair; otherwise begins to
    /// make one, while the host is asked. Asks no host.
    pub(in crate::drivers) fn check(
        cx: &Context,
        spec: &'a ServerSpec,
        minion_id: Option<&'a MinionId>,
        options: CreateOptions,
    ) -> Result<Self> {
        check_options(minion_id.is_some(), options)?;
        let given = given(spec)?;
        if minion_id.is_some() && given.is_none() {
            cx.pair_ahead.begin(size(spec)?);
        }
        Ok(Self {
            spec,
            minion_id,
            options,
            given,
        })
    }
}

/// The steps of a creation.
#[derive(Debug)]
pub(in crate::drivers) struct Steps<'a, A: Resource> {
    cx: &'a Context,
    spec: &'a ServerSpec,
    minion_id: Option<&'a MinionId>,
    options: CreateOptions,
    host: HostId,
    server: ServerIdentity,
    transaction: Transaction<A>,
    keys: Option<Keys>,
    accepted: bool,
}

/// What is known once all steps are done.
#[derive(Debug)]
pub(in crate::drivers) struct Done<'a> {
    pub(super) spec: &'a ServerSpec,
    pub(super) options: CreateOptions,
    pub(in crate::drivers) minion: Option<CreatedMinion>,
}

impl<'a, A: Resource> Steps<'a, A> {
    /// Opens the journal of the creation of `server` on `host`.
    pub(in crate::drivers) fn begin(
        cx: &'a Context,
        wanted: Wanted<'a>,
        host: HostId,
        server: ServerIdentity,
    ) -> Result<Self> {
        let journal = Journal::create(&cx.state_dir, &host, &server.name)?;
        Ok(Self::within(journal, cx, wanted, host, server))
    }

    /// The same, with a `journal` that is open already.
    pub(super) fn within(
        journal: Journal,
        cx: &'a Context,
        wanted: Wanted<'a>,
        host: HostId,
        server: ServerIdentity,
    ) -> Self {
        Self {
            cx,
            spec: wanted.spec,
            minion_id: wanted.minion_id,
            options: wanted.options,
            host,
            server,
            transaction: Transaction::begin(journal),
            keys: wanted.given,
            accepted: false,
        }
    }

    /// What keeps other calls from the server, for a child that makes it.
    pub(in crate::drivers) fn lock(&self) -> Result<File> {
        self.transaction.lock()
    }

    /// An error once the creation is to end: between any two steps.
    pub(in crate::drivers) fn next(&self) -> Result<()> {
        self.cx.cancel.check()
    }

    /// What the caller wants beyond the server.
    pub(in crate::drivers) fn options(&self) -> CreateOptions {
        self.options
    }

    /// Writes down that `artifact` is about to be made.
    pub(in crate::drivers) fn record(&mut self, artifact: A) -> Result<()> {
        self.transaction.record(artifact)
    }

    /// Takes `artifact` back: the step that was to make it is known not to have made it.
    pub(in crate::drivers) fn forget(&mut self, artifact: &A) -> Result<()> {
        self.transaction.forget(artifact)
    }

    /// The minion's keys, once they are there.
    pub(in crate::drivers) fn keys(&self) -> Option<&Keys> {
        self.keys.as_ref()
    }

    /// The minion as the server's record names it, once its keys are there.
    pub(in crate::drivers) fn recorded_minion(&self) -> Option<RecordedMinion> {
        let (keys, id) = self.keys.as_ref().zip(self.minion_id)?;
        Some(RecordedMinion::of(self.spec, id, keys))
    }

    /// Takes the first slow step and makes the minion's keys beside it, unless the caller brings them:
    /// both take their time, one here and one on the host.
    pub(in crate::drivers) fn beside_keys<T>(
        &mut self,
        slow: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let wanted = self.minion_id.is_some() && self.keys.is_none();
        let (cx, spec) = (self.cx, self.spec);
        let (keys, done) = thread::scope(|scope| {
            let making = wanted.then(|| spawn(scope, || make(cx, spec)));
            let done = slow(self);
            (making.map(joined), done)
        });
        let done = done?;
        if let Some(keys) = keys {
            self.keys = Some(keys?);
        }
        Ok(done)
    }

    /// Sees that the minion's key is accepted where the request asks for it.
    pub(in crate::drivers) fn accept(&mut self) -> Result<()>
    where
        A: From<MinionKey>,
    {
        let Some(key) = accept_in(self.spec).and_then(|dir| self.key_in(dir)) else {
            return Ok(());
        };
        if let Some(keys) = &self.keys {
            accept(self.cx, &mut self.transaction, &self.host, &key, keys)?;
            self.accepted = true;
        }
        Ok(())
    }

    /// The minion's key in the `pki_dir` of its master.
    fn key_in(&self, pki_dir: &str) -> Option<MinionKey> {
        let (keys, id) = self.keys.as_ref().zip(self.minion_id)?;
        Some(MinionKey {
            pki_dir: pki_dir.to_owned(),
            id: id.to_string(),
            fingerprint: keys.fingerprint.clone(),
            server: Some(self.server.clone()),
        })
    }

    /// Notes whose key it is that the caller accepts, such as salt-cloud, which is past undoing here.
    fn note_given(&self) -> Result<()> {
        let minion = self.spec.minion.as_ref();
        let given = minion.filter(|minion| minion.accept == Some(false));
        let dir = given.and_then(|minion| minion.pki_dir.as_deref());
        match dir.and_then(|dir| self.key_in(dir)) {
            Some(key) => note_given(self.cx, &self.host, &key),
            None => Ok(()),
        }
    }

    /// All steps are done, and what they made stays.
    pub(in crate::drivers) fn commit(self) -> Done<'a> {
        if let Err(error) = self.note_given() {
            tracing::warn!(%error, "the server exists, but whose key its minion has could not be noted");
        }
        if self.keys.is_some()
            && let Ok(bits) = size(self.spec)
        {
            self.cx.pair_ahead.restock(bits);
        }
        if let Err(error) = self.transaction.commit() {
            tracing::warn!(%error, "the server exists, but its journal could not be removed");
        }
        Done {
            spec: self.spec,
            options: self.options,
            minion: created_minion(self.keys, self.minion_id, self.accepted),
        }
    }

    /// What is to be undone.
    pub(in crate::drivers) fn into_transaction(self) -> Transaction<A> {
        self.transaction
    }
}
