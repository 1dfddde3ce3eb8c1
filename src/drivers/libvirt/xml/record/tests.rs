use super::*;
use crate::drivers::libvirt::xml::to_xml;

#[test]
fn what_was_written_is_read_again() {
    let mut record = Record::new(
        Uuid::new_v4(),
        "ab".into(),
        "<image>".into(),
        "va-small".into(),
        Some("w&b".into()),
    );
    record.volumes = vec![
        RecordedVolume {
            pool: "p".into(),
            name: "a\"b".into(),
            purpose: VolumeUse::Root,
        },
        RecordedVolume {
            pool: "p".into(),
            name: "s".into(),
            purpose: VolumeUse::Seed,
        },
    ];
    record.minion = Some(RecordedMinion {
        id: "vm1".into(),
        fingerprint: "aa:bb".into(),
        pki_dir: Some("/etc/salt/pki/master".into()),
    });
    record.nvram = Some("/n/v.fd".into());
    record.addresses = vec!["10.0.0.1".into(), "fd00::1".into()];
    let text = to_xml(&record).unwrap();
    assert!(
        text.starts_with("<va:server xmlns:va=\"urn:va-driver:server:1\">"),
        "{text}"
    );
    assert_eq!(Record::read("vm1", &text).unwrap(), record);
    assert_eq!(record.seed().unwrap().name, "s");
}
