//! What a provider record says to this driver.
//!
//! | file | concern |
//! |---|---|
//! | `members` | the members that are read, refused, passed over |
//! | `login` | who logs in, and how |
//! | `scope` | what to, and the domains |
//! | `reach` | where Keystone and the services are, and whom to trust there |
//! | `clouds` | `clouds.yaml` and the variables `OS_…` |
//! | `cloud` | what a cloud of it says that a record does not |

mod cloud;
pub(crate) mod clouds;
mod login;
mod members;
mod reach;
mod scope;

use std::time::Duration;

use indexmap::IndexMap;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::http::Tls;
use super::identity::{Address, Interface, Login, Scope};
use crate::driver::{Defaults, Places, Provider, Record, one_line};
use crate::{Error, Result};

pub(super) use members::{
    ACCESS_TOKEN, APPLICATION_CREDENTIAL_ID, APPLICATION_CREDENTIAL_NAME, AUTH, CLIENT_ID, CLOUD,
    DOMAIN_ID, DOMAIN_NAME, DOMAIN_SCOPE, ENDPOINT, IDENTITY_URL, MEMBERS, PASSCODE, PROJECT_ID,
    SYSTEM_SCOPE, TENANT, TOKEN, TRUST_ID, URI, USER_ID, USERNAME,
};
use members::{
    AVAILABILITY_ZONE, CONNECT_TIMEOUT, CURRENCY, EXTERNAL_NETWORK, FLAVOURS, INTERFACE, KEY_NAME,
    NAT_DESTINATION, PRICES, SALT_DRIVER, TIMEOUT,
};
use reach::Services;
pub(super) use reach::Whereabouts;

/// Salt's driver that the rendered configuration is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum SaltDriver {
    /// This program's.
    #[default]
    VaOpenstack,
    /// Salt's own, up to 3007.
    Openstack,
}

/// A provider record as this driver understands it.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) provider_name: String,
    /// Where Keystone is.
    pub(super) address: Address,
    pub(super) login: Login,
    pub(super) scope: Scope,
    pub(super) tls: Tls,
    pub(super) region: Option<String>,
    /// Which endpoints of the catalog are used, the best first.
    pub(super) interfaces: Vec<Interface>,
    /// What is said of where each of them is.
    pub(super) services: Services,
    pub(super) defaults: Defaults,
    /// Price for an hour of each flavour, by its name.
    pub(super) prices: IndexMap<String, f64>,
    pub(super) currency: Option<String>,
    /// Where floating IPs come from.
    pub(super) external_network: Option<String>,
    /// The network whose interface they lead to, where several could have one.
    pub(super) nat_destination: Option<String>,
    pub(super) availability_zone: Option<String>,
    pub(super) key_name: Option<String>,
    pub(super) salt_driver: SaltDriver,
    /// How long a peer has to accept a connection.
    pub(super) connect_timeout: Duration,
    /// How long a call may take.
    pub(super) call_limit: Duration,
    /// Where the members stand, for errors that come later.
    pub(super) places: Places,
}

impl Settings {
    /// Reads `provider`; every error is an `invalid_field` below `/provider`.
    pub(super) fn read(provider: &Provider) -> Result<Self> {
        let mut record = record(provider)?;
        cloud::add(&mut record)?;
        let defaults = record.defaults();
        for (name, text) in [
            ("network", &defaults.network),
            ("sec_group", &defaults.sec_group),
            ("image", &defaults.image),
            ("size", &defaults.size),
        ] {
            one_line(text.as_deref(), &format!("/provider/defaults/{name}"))?;
        }
        let login = login::login(&record)?;
        Ok(Self {
            provider_name: provider.provider_name.clone(),
            address: reach::address(&record, &login)?,
            scope: scope::scope(&record, &login)?,
            tls: reach::tls(&record)?,
            region: reach::region(&record)?,
            interfaces: reach::interfaces(&record, INTERFACE)?
                .unwrap_or_else(|| vec![Interface::default()]),
            services: reach::services(&record, &login)?,
            login,
            defaults: defaults.clone(),
            prices: prices(&record)?,
            currency: record.text(CURRENCY)?,
            external_network: record.text(EXTERNAL_NETWORK)?,
            nat_destination: record.text(NAT_DESTINATION)?,
            availability_zone: record.text(AVAILABILITY_ZONE)?,
            key_name: record.text(KEY_NAME)?,
            salt_driver: salt_driver(&record)?,
            connect_timeout: record.seconds(CONNECT_TIMEOUT, 15)?,
            call_limit: record.seconds(TIMEOUT, 120)?,
            places: record.places().clone(),
        })
    }

    /// `error`, about the member as it was given where it is about one by its own name.
    pub(super) fn at_its_place(&self, error: Error) -> Error {
        self.places.of(error)
    }

    /// A digest of all that a login depends on, secrets among it.
    pub(super) fn login_key(&self) -> [u8; 32] {
        let identity = self.tls.identity.as_ref();
        let mut parts = vec![
            format!("{:?}", self.address),
            // with secrets hidden
            format!("{:?}", self.login),
            format!("{:?}", self.scope),
            format!("{:?} {:?}", self.tls.insecure, self.connect_timeout),
            identity.map_or_else(String::new, |pem| pem.expose().to_owned()),
            // a session's later errors are about them
            format!("{:?}", self.places),
        ];
        let secrets = self.login.secrets().into_iter();
        parts.extend(secrets.map(|secret| secret.expose().to_owned()));
        let mut hash = Sha256::new();
        for part in &parts {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.update(self.tls.authorities.as_deref().unwrap_or_default());
        zeroize::Zeroizing::new(parts);
        hash.finalize().into()
    }
}

/// `provider` with every member under its own name, without what a cloud adds that it names.
pub(super) fn record(provider: &Provider) -> Result<Record> {
    Record::read(provider, &MEMBERS)
}

/// `prices`, and the `cost` of `flavours`, which is where libvirt's providers have them.
fn prices(record: &Record) -> Result<IndexMap<String, f64>> {
    #[derive(Deserialize)]
    struct Priced {
        cost: Option<f64>,
    }
    let mut prices = record
        .setting::<IndexMap<String, f64>>(PRICES)?
        .unwrap_or_default();
    let flavours = record.setting::<IndexMap<String, Priced>>(FLAVOURS)?;
    for (name, flavour) in flavours.unwrap_or_default() {
        if let Some(cost) = flavour.cost {
            prices.entry(name).or_insert(cost);
        }
    }
    let wrong = |price: &f64| !price.is_finite() || *price < 0.0;
    match prices.iter().find(|(_, price)| wrong(price)) {
        None => Ok(prices),
        Some((name, _)) => {
            Err(record.invalid(PRICES, format!("the price of {name:?} is not 0 or more")))
        }
    }
}

fn salt_driver(record: &Record) -> Result<SaltDriver> {
    match record.text(SALT_DRIVER)?.as_deref() {
        None | Some("va_openstack") => Ok(SaltDriver::VaOpenstack),
        Some("openstack") => Ok(SaltDriver::Openstack),
        Some(other) => Err(record.invalid(
            SALT_DRIVER,
            format!("{other:?} is none of: va_openstack, openstack"),
        )),
    }
}

#[cfg(test)]
mod tests;
