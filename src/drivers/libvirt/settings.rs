//! What a provider record says to this driver.

use std::time::Duration;

use super::host::{Credentials, Fields, Host, HostUri, Limits};
use super::xml::check_xml_text;
use crate::driver::{Flavours, Provider, flavour};
use crate::{Error, Result};

/// Members of the provider that only this driver reads.
pub(super) const OWN_MEMBERS: &[&str] = &[
    "uri",
    "pool",
    "image_pool",
    "virt_type",
    "pkipath",
    "machine",
    "firmware",
    "cpu",
    "graphics",
    "console_log",
    "connect_timeout",
    "timeout",
    "flavours",
    "currency",
];

/// How guests are run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum VirtType {
    /// KVM where the host's processor can do it, else emulation.
    #[default]
    Auto,
    /// KVM.
    Kvm,
    /// Emulation.
    Qemu,
}

impl VirtType {
    /// Reads the member at `field`.
    pub(super) fn parse(text: &str, field: &str) -> Result<Self> {
        match text {
            "auto" | "" => Ok(Self::Auto),
            "kvm" => Ok(Self::Kvm),
            "qemu" => Ok(Self::Qemu),
            _ => Err(Error::invalid(
                field,
                format!("virt_type {text:?} is none of: auto, kvm, qemu"),
            )),
        }
    }
}

/// What firmware a guest starts with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Firmware {
    /// The machine's own (SeaBIOS on a PC).
    #[default]
    Bios,
    /// UEFI, chosen by libvirt among those the host has, without secure boot.
    Uefi,
}

impl Firmware {
    /// Reads the member at `field`.
    pub(super) fn parse(text: &str, field: &str) -> Result<Self> {
        match text {
            "bios" | "" => Ok(Self::Bios),
            "uefi" | "efi" => Ok(Self::Uefi),
            _ => Err(Error::invalid(
                field,
                format!("firmware {text:?} is none of: bios, uefi"),
            )),
        }
    }
}

/// A provider record as this driver understands it.
#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub(super) provider_name: String,
    pub(super) uri: HostUri,
    credentials: Credentials,
    limits: Limits,
    /// The pool that servers' volumes are made in.
    pub(super) pool: String,
    /// The pool that images are taken from.
    pub(super) image_pool: String,
    pub(super) virt_type: VirtType,
    pub(super) machine: Option<String>,
    pub(super) firmware: Firmware,
    /// `host-passthrough`, `host-model`, `maximum`, or a CPU model; libvirt's choice when absent.
    pub(super) cpu: Option<String>,
    /// Whether guests get a VNC console on loopback.
    pub(super) graphics: bool,
    /// A directory of the host, where each guest's serial console is logged as `<name>.log`.
    pub(super) console_log: Option<String>,
    pub(super) flavours: Flavours,
    pub(super) currency: Option<String>,
    pub(super) defaults: crate::driver::Defaults,
}

impl Settings {
    /// Reads `provider`; every error is an `invalid_field` below `/provider`.
    pub(super) fn read(provider: &Provider) -> Result<Self> {
        let check = |text: &Option<String>, field: &str| match text {
            Some(text) => check_xml_text(text, field),
            None => Ok(()),
        };
        let text = |name: &str| {
            let text = provider.setting::<String>(name)?;
            check(&text, &format!("/provider/{name}")).map(|()| text)
        };
        let defaults = &provider.defaults;
        for (name, text) in [
            ("network", &defaults.network),
            ("image", &defaults.image),
            ("size", &defaults.size),
        ] {
            check(text, &format!("/provider/defaults/{name}"))?;
        }
        // `Provider` has taken these as defaults where they are text
        for name in ["network", "image", "size"] {
            text(name)?;
        }
        let pool = text("pool")?
            .filter(|pool| !pool.is_empty())
            .unwrap_or_else(|| "default".into());
        let pkipath = text("pkipath")?;
        let uri = HostUri::new(&Fields {
            uri: provider.uri.as_deref(),
            host_protocol: provider.host_protocol.as_deref(),
            host_ip: provider.host_ip.as_deref(),
            username: provider.username.as_deref(),
            pkipath: pkipath.as_deref(),
        })
        .map_err(below_provider)?;
        let flavours = provider
            .setting::<Flavours>("flavours")?
            .filter(|list| !list.is_empty());
        let seconds = |name: &str, default: u64| -> Result<Duration> {
            let value = provider.setting::<u64>(name)?.unwrap_or(default);
            if value == 0 || value > 86_400 {
                let message = format!("{name} takes 1 to 86400 seconds");
                return Err(Error::invalid(format!("/provider/{name}"), message));
            }
            Ok(Duration::from_secs(value))
        };
        Ok(Self {
            provider_name: provider.provider_name.clone(),
            uri,
            credentials: Credentials {
                username: provider.username.clone().filter(|name| !name.is_empty()),
                password: provider
                    .password
                    .clone()
                    .filter(|secret| !secret.expose().is_empty()),
            },
            limits: limits(seconds("connect_timeout", 15)?, seconds("timeout", 120)?),
            image_pool: text("image_pool")?.unwrap_or_else(|| pool.clone()),
            pool,
            virt_type: VirtType::parse(
                &text("virt_type")?.unwrap_or_default(),
                "/provider/virt_type",
            )?,
            machine: text("machine")?.filter(|machine| !machine.is_empty()),
            firmware: Firmware::parse(
                &text("firmware")?.unwrap_or_default(),
                "/provider/firmware",
            )?,
            cpu: text("cpu")?.filter(|cpu| !cpu.is_empty()),
            graphics: graphics(&text("graphics")?.unwrap_or_default(), "/provider/graphics")?,
            console_log: directory(text("console_log")?, "/provider/console_log")?,
            flavours: flavours.unwrap_or_else(flavour::defaults),
            currency: text("currency")?,
            defaults: provider.defaults.clone(),
        })
    }

    /// Connects to the host.
    pub(super) fn open(&self) -> Result<Host> {
        Host::open(&self.uri, &self.credentials, self.limits)
    }
}

/// A directory of the host; none where it is blank.
fn directory(text: Option<String>, field: &str) -> Result<Option<String>> {
    match text.filter(|dir| !dir.is_empty()) {
        Some(dir) if !dir.starts_with('/') || dir.contains(char::is_control) => {
            Err(Error::invalid(
                field,
                "a directory of the host is given by its path, which begins with / and stands on one line",
            ))
        }
        other => Ok(other),
    }
}

/// Whether a guest gets a VNC console; reads the member at `field`.
pub(super) fn graphics(text: &str, field: &str) -> Result<bool> {
    match text {
        "vnc" | "" => Ok(true),
        "none" => Ok(false),
        _ => Err(Error::invalid(
            field,
            format!("graphics {text:?} is none of: vnc, none"),
        )),
    }
}

/// The connection's limits: `open` for all of it, a part of that for the port to answer, and `call` for
/// a call that only asks or changes a definition.
fn limits(open: Duration, call: Duration) -> Limits {
    let usual = Limits::default();
    Limits {
        open,
        reach: usual.reach.min(open),
        call,
        ..usual
    }
}

fn below_provider(error: Error) -> Error {
    match error.field().map(ToOwned::to_owned) {
        Some(field) => error.with_field(format!("/provider{field}")),
        None => error,
    }
}

#[cfg(test)]
mod tests;
