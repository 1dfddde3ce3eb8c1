//! Objects of libvirt's that are kept from one call to the next.

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use virt::connect::Connect;
use virt::error::Error as VirtError;
use virt::storage_pool::StoragePool;

use super::connection::Host;
use super::errors;
use super::link::Link;
use crate::Result;

/// An object of libvirt's (a domain, a pool, a volume), and the connection that it belongs to, which
/// stays open for as long: the last to let go of a connection closes it, and that may take its time.
///
/// After [`Host::reconnect`] what is held belongs to the old connection; look for it again then.
pub(crate) struct Held<T> {
    object: Arc<T>,
    // dropped after the object, and closed where nobody waits for it
    link: Arc<Link>,
    host: Host,
}

impl<T> Clone for Held<T> {
    fn clone(&self) -> Self {
        Self {
            object: Arc::clone(&self.object),
            link: Arc::clone(&self.link),
            host: self.host.clone(),
        }
    }
}

impl<T> fmt::Debug for Held<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Held").finish_non_exhaustive()
    }
}

impl Host {
    /// Looks for an object, which is kept for further calls, and what is asked about it at once.
    pub(crate) fn hold<T, D, F>(&self, doing: &str, f: F) -> Result<Option<(Held<T>, D)>>
    where
        T: Send + Sync + 'static,
        D: Send + 'static,
        F: FnOnce(&Connect) -> std::result::Result<Option<(T, D)>, VirtError> + Send + 'static,
    {
        let found = self.hold_all(doing, |conn| Ok(Vec::from_iter(f(conn)?)))?;
        Ok(found.into_iter().next())
    }

    /// The same of all that there are.
    pub(crate) fn hold_all<T, D, F>(&self, doing: &str, f: F) -> Result<Vec<(Held<T>, D)>>
    where
        T: Send + Sync + 'static,
        D: Send + 'static,
        F: FnOnce(&Connect) -> std::result::Result<Vec<(T, D)>, VirtError> + Send + 'static,
    {
        let (link, what) = (self.link(), doing.to_owned());
        let connection = Arc::clone(&link);
        let found = self.work(doing, self.call_limit(), move || {
            f(connection.get()).map_err(|error| errors::from_virt(&what, &error))
        })?;
        let held = found.into_iter();
        let held =
            held.map(|(object, data)| (Held::new(object, Arc::clone(&link), self.clone()), data));
        Ok(held.collect())
    }

    /// The pool `name`, as this call has found it before, or as `look` finds it. It may be gone since; libvirt says
    /// so then.
    pub(crate) fn pool(
        &self,
        name: &str,
        look: impl FnOnce() -> Result<Option<Held<StoragePool>>>,
    ) -> Result<Option<Held<StoragePool>>> {
        let known = Arc::clone(self.pools().entry(name.to_owned()).or_default());
        // who asks for it at the same time waits
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((object, link)) = known.as_ref() {
            let (object, link) = (Arc::clone(object), Arc::clone(link));
            let host = self.clone();
            return Ok(Some(Held { object, link, host }));
        }
        let found = look()?;
        let parts = |pool: &Held<StoragePool>| (Arc::clone(&pool.object), Arc::clone(&pool.link));
        *known = found.as_ref().map(parts);
        Ok(found)
    }
}

impl<T: Send + Sync + 'static> Held<T> {
    fn new(object: T, link: Arc<Link>, host: Host) -> Self {
        Self {
            object: Arc::new(object),
            link,
            host,
        }
    }

    /// The host that it is on.
    #[must_use]
    pub(crate) fn host(&self) -> &Host {
        &self.host
    }

    /// Calls libvirt about the object, as [`Host::call`].
    pub(crate) fn call<R, F>(&self, doing: &str, limit: Duration, f: F) -> Result<R>
    where
        R: Send + 'static,
        F: FnOnce(&T) -> std::result::Result<R, VirtError> + Send + 'static,
    {
        self.call_with(doing, limit, |_, object| f(object))
    }

    /// The same where its connection is needed, too.
    pub(crate) fn call_with<R, F>(&self, doing: &str, limit: Duration, f: F) -> Result<R>
    where
        R: Send + 'static,
        F: FnOnce(&Connect, &T) -> std::result::Result<R, VirtError> + Send + 'static,
    {
        let (kept, what) = (self.clone(), doing.to_owned());
        self.host.work(doing, limit, move || {
            f(kept.link.get(), &kept.object).map_err(|error| errors::from_virt(&what, &error))
        })
    }

    /// The same, as [`Host::ask`].
    pub(crate) fn ask<R, F>(&self, doing: &str, f: F) -> Result<R>
    where
        R: Send + 'static,
        F: FnOnce(&T) -> std::result::Result<R, VirtError> + Send + 'static,
    {
        self.call(doing, self.host.call_limit(), f)
    }

    /// Looks for another object by way of this one, which is kept as well.
    pub(crate) fn hold<U, F>(&self, doing: &str, f: F) -> Result<Option<Held<U>>>
    where
        U: Send + Sync + 'static,
        F: FnOnce(&T) -> std::result::Result<Option<U>, VirtError> + Send + 'static,
    {
        let found = self.ask(doing, f)?;
        Ok(found.map(|object| self.beside(object)))
    }

    /// Looks for many objects by way of this one, which are kept as well.
    pub(crate) fn hold_all<U, F>(&self, doing: &str, f: F) -> Result<Vec<Held<U>>>
    where
        U: Send + Sync + 'static,
        F: FnOnce(&T) -> std::result::Result<Vec<U>, VirtError> + Send + 'static,
    {
        let found = self.ask(doing, f)?.into_iter();
        Ok(found.map(|object| self.beside(object)).collect())
    }

    /// Makes another object by way of this one, which is kept as well.
    pub(crate) fn make<U, F>(&self, doing: &str, limit: Duration, f: F) -> Result<Held<U>>
    where
        U: Send + Sync + 'static,
        F: FnOnce(&T) -> std::result::Result<U, VirtError> + Send + 'static,
    {
        let made = self.call(doing, limit, f)?;
        Ok(self.beside(made))
    }

    fn beside<U: Send + Sync + 'static>(&self, object: U) -> Held<U> {
        Held::new(object, Arc::clone(&self.link), self.host.clone())
    }

    /// The object itself, for a call that needs two.
    pub(crate) fn object(&self) -> &T {
        &self.object
    }
}
