//! What the guest runs on: domain type, machine, firmware, CPU.

use super::Request;
use super::request::is_pc;
use crate::concurrent::both;
use crate::decode::suggest;
use crate::drivers::libvirt::host::{Host, is_x86};
use crate::drivers::libvirt::settings::{Firmware, VirtType};
use crate::drivers::libvirt::xml::{capabilities::DomainCapabilities, from_xml};
use crate::{Error, Kind, Result};

/// What the guest runs on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hypervisor {
    /// `kvm`, `qemu`, or `test` on libvirt's test driver.
    pub(crate) domain_type: String,
    pub(crate) arch: Option<String>,
    pub(crate) machine: Option<String>,
    /// Whether libvirt is to find UEFI firmware.
    pub(crate) efi: bool,
    /// Whether that firmware starts only what is signed.
    pub(crate) secure_boot: bool,
    /// The CPU's mode or model, where one is set.
    pub(crate) cpu: Option<String>,
    /// The CPU under emulation: what is emulated by default lacks what newer images are built for.
    pub(crate) emulated_cpu: Option<String>,
    /// Whether emulation may take over where KVM turns out not to start.
    pub(crate) may_fall_back: bool,
}

impl Hypervisor {
    /// libvirt's test driver.
    pub(super) fn test() -> Self {
        Self {
            domain_type: "test".to_owned(),
            arch: None,
            machine: None,
            efi: false,
            secure_boot: false,
            cpu: None,
            emulated_cpu: None,
            may_fall_back: false,
        }
    }

    /// Whether it is libvirt's test driver, which runs nothing.
    pub(crate) fn is_test(&self) -> bool {
        self.domain_type == "test"
    }

    /// Whether its guests are PCs.
    pub(super) fn is_pc(&self) -> bool {
        self.arch.as_deref().is_none_or(is_pc)
    }

    /// Emulation instead of KVM.
    pub(crate) fn without_kvm(&self) -> Self {
        Self {
            domain_type: "qemu".to_owned(),
            cpu: self.emulated_cpu.clone(),
            may_fall_back: false,
            ..self.clone()
        }
    }
}

/// Whether a host of this kind is libvirt's test driver.
pub(super) fn is_test(kind: &str) -> bool {
    kind.eq_ignore_ascii_case("test")
}

/// Asks `host` what it can run, and chooses. Answers warnings, too.
pub(super) fn choose(host: &Host, request: &Request) -> Result<(Hypervisor, Vec<String>)> {
    // The processor first: where KVM is there and broken, asking about it takes seconds.
    let (kind, may_have_kvm) = both(
        || host.kind(),
        || request.virt_type == VirtType::Auto && has_virtualisation(host),
    );
    let kind = kind?;
    if is_test(&kind) {
        let warning = "libvirt's test driver runs nothing: no guest boots, and no seed is stored";
        return Ok((Hypervisor::test(), vec![warning.to_owned()]));
    }
    if !kind.eq_ignore_ascii_case("qemu") {
        let message =
            format!("the host runs {kind}; this driver creates servers on QEMU and KVM only");
        return Err(Error::new(Kind::Unsupported, message));
    }
    let machine = request.machine.clone();
    let arch = request.spec.arch.as_deref();
    let asked = |domain_type: &str, machine: Option<&str>| {
        host.capabilities(domain_type, arch, machine)
            .and_then(|text| from_xml::<DomainCapabilities>("the host's capabilities", &text))
    };
    let kvm = match request.virt_type {
        VirtType::Kvm => Some(asked("kvm", None).map_err(|error| {
            Error::new(
                Kind::Unsupported,
                "the host has no KVM; ask for virt_type auto or qemu, or see why /dev/kvm is missing there",
            )
            .with_field("/server/virt_type")
            .with_source(error)
        })?),
        VirtType::Auto if may_have_kvm => asked("kvm", None).ok(),
        VirtType::Qemu | VirtType::Auto => None,
    };
    let domain_type = if kvm.is_some() { "kvm" } else { "qemu" };
    let arch = match &kvm {
        Some(caps) => caps.arch.clone(),
        None => match asked("qemu", None) {
            Err(error) if arch.is_some() && !error.is_retryable() => {
                let message = format!(
                    "the host cannot emulate {}; install its QEMU there",
                    arch.unwrap_or_default()
                );
                return Err(Error::invalid("/server/arch", message).with_source(error));
            }
            caps => caps?.arch,
        },
    };
    let machine = machine.or_else(|| usual_machine(arch.as_deref()));
    let caps = asked(domain_type, machine.as_deref()).map_err(|error| {
        if error.is_retryable() {
            return error; // the host was not there to be asked
        }
        let message = format!(
            "the host cannot run machine type {}",
            machine.as_deref().unwrap_or("?")
        );
        Error::invalid("/server/machine", message).with_source(error)
    })?;
    let efi = request.firmware == Firmware::Uefi;
    if efi && !caps.has_efi() {
        return Err(Error::new(
            Kind::Unsupported,
            "the host has no UEFI firmware for such guests; install it there (ovmf on Debian) or ask for bios",
        )
        .with_field("/server/firmware"));
    }
    if request.spec.secure_boot && !caps.has_secure_boot() {
        let message = "the host has no UEFI firmware with Secure Boot for such guests";
        return Err(Error::new(Kind::Unsupported, message).with_field("/server/secure_boot"));
    }
    if request.spec.tpm && !caps.has_tpm() {
        let message = "the host cannot emulate a TPM; install swtpm and swtpm-tools there";
        return Err(Error::new(Kind::Unsupported, message).with_field("/server/tpm"));
    }
    check_cpu(request, &caps)?;
    let asked = request.cpu.as_ref().map(|cpu| cpu.name.clone());
    let usual = |mode: &str| caps.has_cpu_mode(mode).then(|| mode.to_owned());
    let emulated_cpu = asked
        .clone()
        .filter(|cpu| cpu != "host-passthrough" && cpu != "host-model")
        .or_else(|| usual("maximum"));
    let cpu = if kvm.is_some() {
        asked.or_else(|| usual("host-passthrough"))
    } else {
        asked.or_else(|| emulated_cpu.clone())
    };
    let hypervisor = Hypervisor {
        domain_type: domain_type.to_owned(),
        arch: caps.arch.or(arch),
        machine,
        efi,
        secure_boot: request.spec.secure_boot,
        cpu,
        emulated_cpu,
        may_fall_back: kvm.is_some() && request.virt_type == VirtType::Auto,
    };
    Ok((hypervisor, Vec::new()))
}

/// Refuses a CPU that the host does not have, which libvirt says when all volumes are made.
fn check_cpu(request: &Request, caps: &DomainCapabilities) -> Result<()> {
    let Some(wanted) = &request.cpu else {
        return Ok(());
    };
    let name = wanted.name.as_str();
    let models = caps.cpu_models();
    let is_mode = ["host-passthrough", "host-model", "maximum"].contains(&name);
    if models.is_empty() || models.contains(&name) || is_mode && caps.has_cpu_mode(name) {
        return Ok(());
    }
    let way_out = suggest::way_out(name, &models);
    let message = format!("the host has no CPU {name:?} for such guests; {way_out}");
    Err(Error::invalid(wanted.field, message))
}

/// The machine type that guests get which ask for none.
fn usual_machine(arch: Option<&str>) -> Option<String> {
    match arch {
        Some("x86_64") => Some("q35".to_owned()),
        Some("aarch64") => Some("virt".to_owned()),
        _ => None,
    }
}

/// Whether the host's processor itself can run guests. That KVM answers is not enough: there are
/// kernels whose KVM accepts guests (paravirtual ones, without VMX or SVM) that then die on boot.
/// Architectures other than x86 do not have that trap.
fn has_virtualisation(host: &Host) -> bool {
    match host.processor() {
        Ok(cpu) => {
            ["vmx", "svm"]
                .iter()
                .any(|flag| cpu.contains(&format!("name='{flag}'")))
                || !is_x86(&cpu)
        }
        Err(error) => {
            tracing::debug!(%error, "the host does not tell its processor's features; KVM is not used");
            false
        }
    }
}
