//! A login and its connections. Threads share it, and one of them renews the token for all.

use std::sync::{Arc, Mutex, TryLockError};

use super::microversion::Versions;
use crate::driver::Places;
use crate::drivers::openstack::http::{Http, TimeLimit, TransportError};
use crate::drivers::openstack::identity::{Keystone, Token};
use crate::drivers::openstack::settings::Settings;
use crate::{Error, Result};

/// A login and its connections.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) http: Http,
    pub(super) keystone: Keystone,
    pub(super) versions: Versions,
    places: Places,
    token: Mutex<Arc<Token>>,
}

impl Session {
    /// Looks for Keystone and logs in.
    pub(super) fn open(settings: &Settings, limit: &TimeLimit) -> Result<Self> {
        let log_in = || {
            let http = Http::new(&settings.tls, settings.connect_timeout)?;
            for secret in settings.login.secrets() {
                http.hide(secret);
            }
            let keystone = Keystone::find(
                http.clone(),
                settings.address.clone(),
                settings.login.clone(),
                settings.scope.clone(),
                limit,
            )?;
            let token = keystone.token(limit)?;
            Ok((http, keystone, token))
        };
        let (http, keystone, token) = log_in().map_err(|error| settings.at_its_place(error))?;
        Ok(Self {
            http,
            keystone,
            versions: Versions::default(),
            places: settings.places.clone(),
            token: Mutex::new(Arc::new(token)),
        })
    }

    /// `error`, about the member as it was given.
    pub(super) fn at_its_place(&self, error: Error) -> Error {
        self.places.of(error)
    }

    /// A token that still lives for a while.
    pub(super) fn token(&self, limit: &TimeLimit) -> Result<Arc<Token>> {
        self.replace(limit, Token::ends)
    }

    /// Another token than `used`, which a service has refused or which knows too little.
    pub(super) fn renew(&self, used: &Arc<Token>, limit: &TimeLimit) -> Result<Arc<Token>> {
        self.replace(limit, |token| std::ptr::eq(token, used.as_ref()))
    }

    /// The token; a new one where `old` says so of the one there is.
    fn replace(&self, limit: &TimeLimit, old: impl Fn(&Token) -> bool) -> Result<Arc<Token>> {
        // whoever renews it holds the lock for as long as Keystone takes
        let mut token = wait_for(&self.token, limit)?;
        if old(&token) {
            tracing::debug!("the token is renewed");
            let renewed = self.keystone.token(limit);
            *token = Arc::new(renewed.map_err(|error| self.places.of(error))?);
        }
        Ok(token.clone())
    }
}

/// The lock, or the end of the time.
pub(super) fn wait_for<'a, T>(
    mutex: &'a Mutex<T>,
    limit: &TimeLimit,
) -> Result<std::sync::MutexGuard<'a, T>> {
    limit
        .until(|| match mutex.try_lock() {
            Ok(guard) => Some(guard),
            Err(TryLockError::Poisoned(poisoned)) => Some(poisoned.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        })
        .map_err(|expired| TransportError::from(expired).to_error("Keystone"))
}
