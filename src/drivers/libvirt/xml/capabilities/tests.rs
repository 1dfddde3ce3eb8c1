use super::*;
use crate::drivers::libvirt::xml::from_xml;

#[test]
fn reads_what_it_needs() {
    let caps: DomainCapabilities = from_xml(
        "caps",
        "<domainCapabilities><path>/usr/bin/qemu-system-x86_64</path><domain>kvm</domain>\
         <machine>pc-q35-7.2</machine><arch>x86_64</arch><vcpu max='288'/><os supported='yes'>\
         <enum name='firmware'><value>efi</value></enum><loader supported='yes'>\
         <enum name='type'><value>rom</value><value>pflash</value></enum></loader></os>\
         <cpu><mode name='host-passthrough' supported='yes'><enum name='hostPassthroughMigratable'><value>on</value></enum></mode>\
         <mode name='custom' supported='yes'><model usable='yes'>qemu64</model></mode></cpu></domainCapabilities>",
    )
    .unwrap();
    assert!(caps.has_efi() && caps.has_cpu_mode("host-passthrough"));
    assert_eq!(caps.arch.as_deref(), Some("x86_64"));
}
