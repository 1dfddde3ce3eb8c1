use super::*;

#[test]
fn names_tell_where_an_interface_goes() {
    let read = |name: &str| {
        WantedInterface::read("/f".into(), NetworkSpec::Name(name.into()))
            .map(|wanted| wanted.attachment)
    };
    assert_eq!(
        read("default|1-2").unwrap(),
        Attachment::Network("default".into())
    );
    assert_eq!(
        read("bridge:br0").unwrap(),
        Attachment::Bridge("br0".into())
    );
    assert_eq!(
        read("macvtap:eth0").unwrap(),
        Attachment::Macvtap("eth0".into())
    );
    assert_eq!(read("user").unwrap(), Attachment::User);
    assert!(read("bridge:br0' x='").is_err());
}

#[test]
fn mac_addresses_are_those_of_one_device() {
    assert_eq!(
        check_mac("52-54-00-AA-BB-CC", "/f").unwrap(),
        "52:54:00:aa:bb:cc"
    );
    for bad in [
        "",
        "52:54:00:aa:bb",
        "53:54:00:aa:bb:cc",
        "00:00:00:00:00:00",
        "52:54:00:aa:bb:+c",
        "x",
    ] {
        assert!(check_mac(bad, "/f").is_err(), "{bad}");
    }
}

#[test]
fn a_derived_address_is_stable_and_its_own() {
    let id = Uuid::from_u128(1);
    assert_eq!(derived_mac(id, 0), derived_mac(id, 0));
    assert_ne!(derived_mac(id, 0), derived_mac(id, 1));
    assert!(check_mac(&derived_mac(id, 3), "/f").is_ok());
}
