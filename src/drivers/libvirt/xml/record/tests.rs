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

#[test]
fn the_record_is_found_in_a_definition_by_its_namespace_and_its_place_alone() {
    let of = |metadata: &str| {
        let domain = format!(
            "<domain type='kvm' id='3' xmlns:o='urn:other'>\n  <name>&lt;a&gt;</name>{metadata}<on_reboot/></domain>"
        );
        Record::in_definition(&domain).map(|found| found.map(ToOwned::to_owned))
    };
    let record =
        "<x:server xmlns:x='urn:va-driver:server:1'><x:spec>a</x:spec><x:server/></x:server>";
    let others = "<o:server>no</o:server><server/>";
    let found = of(&format!("<metadata>\n {others}{record}\n</metadata>"));
    assert_eq!(found.unwrap().as_deref(), Some(record));
    let empty = "<server xmlns=\"urn:va-driver:server:1\"/>";
    let found = of(&format!("<metadata>{empty}{record}</metadata>"));
    assert_eq!(found.unwrap().as_deref(), Some(empty));
    for elsewhere in [
        String::new(),
        format!("<metadata>{others}</metadata>"),
        format!("<metadata><o:x>{record}</o:x></metadata>"),
        format!("<description>{record}</description>"),
        format!("<metadata><!-- {record} --></metadata>"),
    ] {
        assert_eq!(of(&elsewhere), Ok(None), "{elsewhere}");
    }
    assert!(of("<metadata></wrong>").is_err());
    assert!(of(&record[..40]).is_err());
}
