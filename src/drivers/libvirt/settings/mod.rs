//! What a provider record says to this driver.

mod members;

use std::time::Duration;

use serde_json::Value;

use super::host::{Credentials, Fields, Host, HostUri, Limits};
use super::xml::check_xml_text;
use crate::decode::escape;
use crate::driver::{Flavours, Provider, ProviderMember, Record, flavour};
use crate::{Error, Kind, Result};

use members::{
    CONNECT_TIMEOUT, CONSOLE_LOG, CPU, CURRENCY, FIRMWARE, FLAVOURS, GRAPHICS, HOST_IP, IMAGE,
    IMAGE_POOL, MACHINE, NETWORK, PASSWORD, PKIPATH, POOL, SEED_POOL, SIZE, TIMEOUT, USERNAME,
    VIRT_TYPE,
};
pub(super) use members::{MEMBERS, URI};

/// The pool of a provider that names none.
pub(super) const DEFAULT_POOL: &str = "default";

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
    /// The member that says where the host is, as a pointer.
    host_field: String,
    credentials: Credentials,
    limits: Limits,
    /// The pool that servers' volumes are made in.
    pub(super) pool: String,
    /// The pool that images are taken from.
    pub(super) image_pool: String,
    /// The pool for seeds; one of the others when absent.
    pub(super) seed_pool: Option<String>,
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
    /// Reads `provider`; every error is about a member below `/provider`.
    pub(super) fn read(provider: &Provider) -> Result<Self> {
        let record = record(provider)?;
        let text = |member: &ProviderMember| {
            let text = record.setting::<String>(member)?;
            if let Some(text) = &text {
                check_xml_text(text, &record.pointer(member))?;
            }
            Ok::<_, Error>(text)
        };
        let defaults = record.defaults();
        for (name, text) in [
            ("network", &defaults.network),
            ("image", &defaults.image),
            ("size", &defaults.size),
        ] {
            if let Some(text) = text {
                check_xml_text(text, &format!("/provider/defaults/{name}"))?;
            }
        }
        // a server's record names it
        check_xml_text(&provider.provider_name, "/provider/provider_name")?;
        // `Provider` has taken these as defaults where they are text
        for member in [NETWORK, IMAGE, SIZE] {
            text(member)?;
        }
        check_host_is_said(&record)?;
        let provider = record.provider();
        let pool = text(POOL)?.unwrap_or_else(|| DEFAULT_POOL.to_owned());
        let pkipath = text(PKIPATH)?;
        let uri = HostUri::new(&Fields {
            uri: provider.uri.as_deref(),
            host_protocol: provider.host_protocol.as_deref(),
            host_ip: provider.host_ip.as_deref(),
            username: provider.username.as_deref(),
            pkipath: pkipath.as_deref(),
        })
        .map_err(|error| {
            let field = error.field().map(|field| format!("/provider{field}"));
            match field {
                Some(field) => record.places().of(error.with_field(field)),
                None => error,
            }
        })?;
        let flavours = record.setting::<Flavours>(FLAVOURS)?;
        Ok(Self {
            provider_name: provider.provider_name.clone(),
            host_field: record.pointer(if record.has(URI) { URI } else { HOST_IP }),
            uri,
            credentials: Credentials {
                username: record.text(USERNAME)?,
                password: record.secret(PASSWORD)?,
            },
            limits: limits(
                record.seconds(CONNECT_TIMEOUT, 15)?,
                record.seconds(TIMEOUT, 120)?,
            ),
            image_pool: text(IMAGE_POOL)?.unwrap_or_else(|| pool.clone()),
            seed_pool: text(SEED_POOL)?,
            pool,
            virt_type: VirtType::parse(
                &text(VIRT_TYPE)?.unwrap_or_default(),
                &record.pointer(VIRT_TYPE),
            )?,
            machine: text(MACHINE)?,
            firmware: Firmware::parse(
                &text(FIRMWARE)?.unwrap_or_default(),
                &record.pointer(FIRMWARE),
            )?,
            cpu: text(CPU)?,
            graphics: graphics(
                &text(GRAPHICS)?.unwrap_or_default(),
                &record.pointer(GRAPHICS),
            )?,
            console_log: directory(text(CONSOLE_LOG)?, &record.pointer(CONSOLE_LOG))?,
            flavours: flavours.unwrap_or_else(flavour::defaults),
            currency: text(CURRENCY)?,
            defaults: defaults.clone(),
        })
    }

    /// Connects to the host.
    pub(super) fn open(&self) -> Result<Host> {
        let opened = Host::open(&self.uri, &self.credentials, self.limits);
        opened.map_err(|error| match (error.kind(), error.field()) {
            (Kind::ConnectionFailed, None) => error.with_field(self.host_field.as_str()),
            _ => error,
        })
    }
}

/// `provider` with every member under its own name.
pub(super) fn record(provider: &Provider) -> Result<Record> {
    Record::read(provider, &MEMBERS)
}

/// What a member that says which host is meant is called elsewhere, or ends in.
const HOST_WORDS: [&str; 12] = [
    "address",
    "connect",
    "connection",
    "endpoint",
    "host",
    "hostname",
    "hypervisor",
    "ip",
    "node",
    "server",
    "uri",
    "url",
];

/// Without `uri` and `host_ip` this machine is meant. Not so where another member seems to say which.
fn check_host_is_said(record: &Record) -> Result<()> {
    if record.has(URI) || record.has(HOST_IP) {
        return Ok(());
    }
    let names_a_host = |name: &str| {
        let name = name.to_lowercase();
        let last = name.rsplit(['_', '-', '.', ' ']).next().unwrap_or_default();
        HOST_WORDS.contains(&last)
    };
    let said = |value: &Value| matches!(value, Value::String(text) if !text.trim().is_empty());
    let mut extra = record.provider().extra.iter();
    match extra.find(|(name, value)| !MEMBERS.takes(name) && names_a_host(name) && said(value)) {
        None => Ok(()),
        Some((name, _)) => Err(Error::invalid(
            format!("/provider/{}", escape(name)),
            format!(
                "/provider/{name} is not a member that is taken here, and nothing else says which host \
                 is meant; say it in uri (such as qemu+tls://kvm1.example.org/system) or in host_ip, \
                 and this machine as uri: qemu:///system"
            ),
        )),
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

#[cfg(test)]
mod tests;
