//! A cloud that is connected: requests to its services, with a token that is renewed when it nears its end.

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::settings::Settings;
use crate::Result;
use crate::transaction::Cancel;

/// A service of the catalog.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Service {
    /// Keystone.
    Identity,
    /// Nova; requests carry microversion 2.79 where the cloud has it, else its newest.
    Compute,
    /// Glance: paths begin with `/v2/…`.
    Image,
    /// Neutron: paths begin with `/v2.0/…`.
    Network,
    /// Cinder v3.
    Volume,
}

/// A cloud that is connected. Shared by threads that ask side by side.
#[derive(Debug)]
pub(super) struct Cloud {}

impl Cloud {
    /// Gets a token and the catalog; checks that the region has a compute service.
    pub(super) fn connect(_settings: &Settings, _cancel: &Cancel) -> Result<Self> {
        unimplemented!()
    }

    /// Whether the region has `service`.
    pub(super) fn has(&self, _service: Service) -> bool {
        unimplemented!()
    }

    /// The project's id.
    pub(super) fn project_id(&self) -> Option<&str> {
        unimplemented!()
    }

    /// What tells this cloud and project from all others: what journals are about.
    pub(super) fn host_id(&self) -> String {
        unimplemented!()
    }

    /// `GET path`; retried where that is safe. 404 is [`crate::Kind::NotFound`].
    pub(super) fn get<T: DeserializeOwned>(&self, _service: Service, _path: &str) -> Result<T> {
        unimplemented!()
    }

    /// Every page of the listing at `path`: the elements of the array `member` (`servers`, `images` …).
    pub(super) fn list<T: DeserializeOwned>(
        &self,
        _service: Service,
        _path: &str,
        _member: &str,
    ) -> Result<Vec<T>> {
        unimplemented!()
    }

    /// `POST path`; not repeated once it may have been carried out.
    pub(super) fn post<T: DeserializeOwned>(
        &self,
        _service: Service,
        _path: &str,
        _body: &impl Serialize,
    ) -> Result<T> {
        unimplemented!()
    }

    /// `POST path` where nothing, or nothing of interest, is answered (Nova's actions).
    pub(super) fn tell(
        &self,
        _service: Service,
        _path: &str,
        _body: &impl Serialize,
    ) -> Result<()> {
        unimplemented!()
    }

    /// `PUT path`.
    pub(super) fn put<T: DeserializeOwned>(
        &self,
        _service: Service,
        _path: &str,
        _body: &impl Serialize,
    ) -> Result<T> {
        unimplemented!()
    }

    /// `DELETE path`; whether it was there.
    pub(super) fn delete(&self, _service: Service, _path: &str) -> Result<bool> {
        unimplemented!()
    }
}
