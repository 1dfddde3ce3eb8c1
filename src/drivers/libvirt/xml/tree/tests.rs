use proptest::prelude::*;

use super::Element;

#[test]
fn what_is_no_document_is_refused() {
    for text in [
        "",
        "text",
        "<a>",
        "<a></b>",
        "<a/><b/>",
        "<a/>text",
        "<a>&unknown;</a>",
        "<a b='&unknown;'/>",
        "<a b='1' b='2'/>",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a/>",
        "<?php x?><a/>",
    ] {
        assert!(Element::parse(text).is_err(), "{text}");
    }
    assert!(Element::parse(&"<a>".repeat(100)).is_err());
}

#[test]
fn what_was_read_is_written_as_it_was() {
    let text = r#"<a x="1 &amp; &quot;2&quot;"><b>&lt;c&gt; &#10;</b><!-- gone --><c y='"'/></a>"#;
    let written = Element::parse(text).unwrap().write();
    assert_eq!(
        written,
        r#"<a x="1 &amp; &quot;2&quot;"><b>&lt;c&gt; &#10;</b><c y="&quot;"/></a>"#
    );
    assert_eq!(Element::parse(&written).unwrap().write(), written);
    let cdata = Element::parse("<a><![CDATA[1 < 2]]></a>").unwrap();
    assert_eq!(cdata.write(), "<a>1 &lt; 2</a>");
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(text in "[<>/a-c='\"&;!\\[\\]# -]{0,60}") {
        if let Ok(element) = Element::parse(&text) {
            let written = element.write();
            prop_assert_eq!(Element::parse(&written).map(|read| read.write()), Ok(written));
        }
    }
}
