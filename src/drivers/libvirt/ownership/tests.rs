use super::*;
use crate::drivers::libvirt::xml::record::{RecordedVolume, VolumeUse};
use crate::drivers::libvirt::xml::to_xml;

fn record(uuid: Option<Uuid>, volumes: &[String]) -> String {
    let mut record = Record::new(Uuid::nil(), "s".into(), "i".into(), "z".into(), None);
    record.uuid = uuid;
    record.volumes = volumes
        .iter()
        .map(|name| RecordedVolume {
            pool: "default".into(),
            name: name.clone(),
            purpose: VolumeUse::Root,
        })
        .collect();
    to_xml(&record).unwrap()
}

#[test]
fn a_record_counts_for_the_domain_whose_uuid_stands_in_it() {
    let (own, other) = (Uuid::new_v4(), Uuid::new_v4());
    let text = record(Some(own), &[]);
    assert!(matches!(
        Ownership::of("a", own, Some(&text)),
        Ownership::Ours(_)
    ));
    assert_eq!(Ownership::of("a", other, Some(&text)), Ownership::Copy);
    assert_eq!(Ownership::of("a", own, None), Ownership::Unmanaged);
}

#[test]
fn a_record_without_uuid_counts_where_all_its_volumes_have_the_domains_digits() {
    let (own, other) = (Uuid::new_v4(), Uuid::new_v4());
    let [mine, theirs] = [own, other].map(|id| names::root("a", id, "qcow2"));
    let of = |volumes: &[String]| Ownership::of("a", own, Some(&record(None, volumes)));
    assert!(matches!(
        of(std::slice::from_ref(&mine)),
        Ownership::Ours(_)
    ));
    for volumes in [
        vec![],
        vec![theirs.clone()],
        vec![mine, theirs],
        vec!["golden.qcow2".into()],
    ] {
        assert_eq!(of(&volumes), Ownership::Copy, "{volumes:?}");
    }
}

#[test]
fn a_record_that_cannot_be_read_says_why() {
    let text =
        "<va:server xmlns:va=\"urn:va-driver:server:1\"><va:version>0.0.9</va:version></va:server>";
    let Ownership::Unreadable(why) = Ownership::of("old", Uuid::new_v4(), Some(text)) else {
        panic!("it counts")
    };
    assert!(why.contains("the record of old"), "{why}");
}
