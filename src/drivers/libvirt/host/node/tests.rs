use super::*;

#[test]
fn takes_the_hosts_cpu_out_of_the_capabilities() {
    let text = "<capabilities><host><uuid>x</uuid><cpu><arch>x86_64</arch><model>EPYC</model></cpu>\
                <topology/></host><guest/></capabilities>";
    assert_eq!(
        host_cpu(text),
        Some("<cpu><arch>x86_64</arch><model>EPYC</model></cpu>")
    );
    assert_eq!(host_cpu("<capabilities/>"), None);
}
