//! What a provider record says to this driver.

use std::fs;
use std::time::Duration;

use indexmap::IndexMap;
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::http::Tls;
use super::identity::{
    Address, ApplicationCredential, Domain, Given, Interface, Login, Scope, Who,
};
use crate::driver::{Defaults, Provider};
use crate::error::io_error;
use crate::{Error, Kind, Result, Secret};

/// Members of the provider that only this driver reads, and that no field of its form is for.
pub(super) const OWN_MEMBERS: &[&str] = &[
    "uri",
    "identity_url",
    "auth_url",
    "host_protocol",
    "project_name",
    "project_id",
    "domain",
    "domain_scope",
    "user_id",
    "application_credential_id",
    "application_credential_name",
    "application_credential_secret",
    "interface",
    "cacert",
    "insecure",
    "connect_timeout",
    "timeout",
    "external_network",
    "prices",
    "flavours",
    "currency",
    "salt_driver",
    "availability_zone",
    "key_name",
];

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
    pub(super) interface: Interface,
    pub(super) defaults: Defaults,
    /// Price for an hour of each flavour, by its name.
    pub(super) prices: IndexMap<String, f64>,
    pub(super) currency: Option<String>,
    /// Where floating IPs come from.
    pub(super) external_network: Option<String>,
    pub(super) availability_zone: Option<String>,
    pub(super) key_name: Option<String>,
    pub(super) salt_driver: SaltDriver,
    /// How long a peer has to accept a connection.
    pub(super) connect_timeout: Duration,
    /// How long a call may take.
    pub(super) call_limit: Duration,
}

impl Settings {
    /// Reads `provider`; every error is an `invalid_field` below `/provider`.
    pub(super) fn read(provider: &Provider) -> Result<Self> {
        let members = Members(provider);
        let defaults = &provider.defaults;
        for (name, text) in [
            ("network", &defaults.network),
            ("sec_group", &defaults.sec_group),
            ("image", &defaults.image),
            ("size", &defaults.size),
        ] {
            one_line(text.as_deref(), &format!("/provider/defaults/{name}"))?;
        }
        let interface = match members.text("interface")? {
            None => Interface::default(),
            Some(text) => Interface::parse(&text).ok_or_else(|| {
                Error::invalid(
                    "/provider/interface",
                    format!("{text:?} is none of: public, internal, admin"),
                )
            })?,
        };
        let connect_timeout = members.seconds("connect_timeout", 15)?;
        Ok(Self {
            provider_name: provider.provider_name.clone(),
            address: members.address()?,
            login: members.login()?,
            scope: members.scope()?,
            tls: members.tls()?,
            region: members.text("region")?,
            interface,
            defaults: defaults.clone(),
            prices: members.prices()?,
            currency: members.text("currency")?,
            external_network: members.text("external_network")?,
            availability_zone: members.text("availability_zone")?,
            key_name: members.text("key_name")?,
            salt_driver: members.salt_driver()?,
            connect_timeout,
            call_limit: members.seconds("timeout", 120)?,
        })
    }

    /// A digest of all that a login depends on, secrets among it.
    pub(super) fn login_key(&self) -> [u8; 32] {
        let secret = match &self.login {
            Login::Password(_, secret) | Login::Application(_, secret) => secret,
        };
        let parts = [
            format!("{:?}", self.address),
            // with secrets hidden
            format!("{:?}", self.login),
            format!("{:?}", self.scope),
            secret.expose().to_owned(),
            format!("{:?} {:?}", self.tls.insecure, self.connect_timeout),
        ];
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

/// The members of a provider, read one by one.
struct Members<'a>(&'a Provider);

impl Members<'_> {
    /// The member `name` as text on one line; `None` where it is absent or blank.
    fn text(&self, name: &str) -> Result<Option<String>> {
        let provider = self.0;
        let text = match name {
            "username" => provider.username.clone(),
            "host_ip" => provider.host_ip.clone(),
            "host_protocol" => provider.host_protocol.clone(),
            "uri" => provider.uri.clone(),
            "tenant" => provider.tenant.clone(),
            "region" => provider.region.clone(),
            _ => provider.setting::<String>(name)?,
        };
        let text = text
            .map(|text| text.trim().to_owned())
            .filter(|text| !text.is_empty());
        one_line(text.as_deref(), &format!("/provider/{name}"))?;
        Ok(text)
    }

    /// The first of the members `names` that is there, and its name.
    fn first(&self, names: &[&'static str]) -> Result<Option<(String, &'static str)>> {
        for name in names {
            if let Some(text) = self.text(name)? {
                return Ok(Some((text, name)));
            }
        }
        Ok(None)
    }

    fn flag(&self, name: &str) -> Result<bool> {
        Ok(self.0.setting::<bool>(name)?.unwrap_or(false))
    }

    fn seconds(&self, name: &str, default: u64) -> Result<Duration> {
        let value = self.0.setting::<u64>(name)?.unwrap_or(default);
        if value == 0 || value > 86_400 {
            let message = format!("{name} takes 1 to 86400 seconds");
            return Err(Error::invalid(format!("/provider/{name}"), message));
        }
        Ok(Duration::from_secs(value))
    }

    fn address(&self) -> Result<Address> {
        let protocol = self.text("host_protocol")?;
        let field = match self.first(&["identity_url", "auth_url", "uri"])? {
            Some((url, name)) => {
                let field = match name {
                    "identity_url" => "/provider/identity_url",
                    "auth_url" => "/provider/auth_url",
                    _ => "/provider/uri",
                };
                Some((url, field))
            }
            None => self
                .text("host_ip")?
                .map(|place| (place, "/provider/host_ip")),
        };
        let Some((place, field)) = field else {
            return Err(Error::invalid(
                "/provider/host_ip",
                "the provider does not say where Keystone is; give host_ip (host:port) or \
                 identity_url",
            ));
        };
        Address::read(Given {
            place: &place,
            field,
            protocol: protocol.as_deref(),
        })
    }

    fn who(&self) -> Result<Who> {
        if let Some(id) = self.text("user_id")? {
            return Ok(Who::Id(id));
        }
        let name = self.text("username")?.ok_or_else(|| {
            Error::invalid(
                "/provider/username",
                "the provider does not say who logs in",
            )
        })?;
        Ok(Who::Name(name, self.domain("user_domain")?))
    }

    /// The domain in the member `name`, else the one for all, else `Default`.
    fn domain(&self, name: &'static str) -> Result<Domain> {
        let given = self.first(&[name, "domain"])?;
        Ok(given.map_or_else(Domain::default, |(text, _)| Domain::read(&text)))
    }

    fn login(&self) -> Result<Login> {
        let id = self.text("application_credential_id")?;
        let name = self.text("application_credential_name")?;
        let secret = |name: &str, secret: Option<Secret>| {
            secret
                .filter(|secret| !secret.expose().is_empty())
                .ok_or_else(|| {
                    Error::invalid(
                        format!("/provider/{name}"),
                        format!("the provider has no {name}"),
                    )
                })
        };
        let credential = match (id, name) {
            (Some(id), _) => ApplicationCredential::Id(id),
            (None, Some(name)) => ApplicationCredential::Name(name, self.who()?),
            (None, None) => {
                let password = secret("password", self.0.password.clone())?;
                return Ok(Login::Password(self.who()?, password));
            }
        };
        let member = "application_credential_secret";
        let secret = secret(member, self.0.setting::<Secret>(member)?)?;
        Ok(Login::Application(credential, secret))
    }

    fn scope(&self) -> Result<Scope> {
        if let Some(id) = self.text("project_id")? {
            return Ok(Scope::ProjectId(id));
        }
        if let Some((name, _)) = self.first(&["tenant", "project_name"])? {
            return Ok(Scope::Project(name, self.domain("project_domain")?));
        }
        if self.flag("domain_scope")? {
            return Ok(Scope::Domain(self.domain("project_domain")?));
        }
        Ok(Scope::Implied)
    }

    fn tls(&self) -> Result<Tls> {
        let authorities = match self.text("cacert")? {
            None => None,
            Some(path) => Some(fs::read(&path).map_err(|error| {
                io_error("read", path.as_ref(), &error)
                    .with_kind(Kind::InvalidField)
                    .with_field("/provider/cacert")
            })?),
        };
        Ok(Tls {
            authorities,
            insecure: self.flag("insecure")?,
        })
    }

    /// `prices`, and the `cost` of `flavours`, which is where libvirt's providers have them.
    fn prices(&self) -> Result<IndexMap<String, f64>> {
        #[derive(Deserialize)]
        struct Priced {
            cost: Option<f64>,
        }
        let mut prices = self
            .0
            .setting::<IndexMap<String, f64>>("prices")?
            .unwrap_or_default();
        let flavours = self.0.setting::<IndexMap<String, Priced>>("flavours")?;
        for (name, flavour) in flavours.unwrap_or_default() {
            if let Some(cost) = flavour.cost {
                prices.entry(name).or_insert(cost);
            }
        }
        match prices
            .iter()
            .find(|(_, price)| !price.is_finite() || **price < 0.0)
        {
            None => Ok(prices),
            Some((name, _)) => Err(Error::invalid(
                "/provider/prices",
                format!("the price of {name:?} is not 0 or more"),
            )),
        }
    }

    fn salt_driver(&self) -> Result<SaltDriver> {
        match self.text("salt_driver")?.as_deref() {
            None | Some("va_openstack") => Ok(SaltDriver::VaOpenstack),
            Some("openstack") => Ok(SaltDriver::Openstack),
            Some(other) => Err(Error::invalid(
                "/provider/salt_driver",
                format!("{other:?} is none of: va_openstack, openstack"),
            )),
        }
    }
}

/// Refuses what cannot be on one line: it would end up in headers, files and logs.
fn one_line(text: Option<&str>, field: &str) -> Result<()> {
    match text {
        Some(text) if text.contains(char::is_control) => Err(Error::invalid(
            field,
            "the value holds a control character, such as a line break",
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
