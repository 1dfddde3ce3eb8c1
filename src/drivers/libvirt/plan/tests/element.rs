//! XML as a conforming reader takes it, in little: without the library that wrote it.

/// An element with what is in it.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
    pub(super) text: String,
    children: Vec<Element>,
}

impl Element {
    /// Reads a document that is one element. Panics where it is not well-formed.
    pub(super) fn parse(xml: &str) -> Self {
        let (root, rest) = element(xml);
        assert_eq!(rest, "", "more than one element");
        root
    }

    /// All elements at `path`, which is names joined by `/`.
    pub(super) fn all(&self, path: &str) -> Vec<&Self> {
        path.split('/').fold(vec![self], |found, name| {
            found
                .into_iter()
                .flat_map(|element| &element.children)
                .filter(|child| child.name == name)
                .collect()
        })
    }

    /// The only element at `path`.
    pub(super) fn one(&self, path: &str) -> &Self {
        let found = self.all(path);
        assert_eq!(found.len(), 1, "{path} in {self:#?}");
        found[0]
    }

    /// Whether there is nothing at `path`.
    pub(super) fn has_no(&self, path: &str) -> bool {
        self.all(path).is_empty()
    }

    /// The attribute `name`, empty where there is none.
    pub(super) fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map_or("", |(_, value)| value)
    }

    /// `a/b@c`: the attribute of the only element there; without `@`, its text.
    pub(super) fn at(&self, path: &str) -> &str {
        match path.split_once('@') {
            Some((path, name)) => self.one(path).attribute(name),
            None => &self.one(path).text,
        }
    }

    /// How many elements it is made of.
    pub(super) fn size(&self) -> usize {
        1 + self.children.iter().map(Self::size).sum::<usize>()
    }
}

/// The element that `xml` begins with, and what follows it.
fn element(xml: &str) -> (Element, &str) {
    let mut rest = xml.strip_prefix('<').expect("an element");
    let mut found = Element::default();
    (found.name, rest) = name(rest);
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>") {
            return (found, after);
        }
        if let Some(after) = rest.strip_prefix('>') {
            rest = after;
            break;
        }
        let (attribute, after) = name(rest);
        let after = after.strip_prefix('=').expect("a value");
        let quote = after.chars().next().filter(|c| "'\"".contains(*c));
        let quote = quote.expect("a quoted value");
        let (value, after) = after[1..].split_once(quote).expect("an end of the value");
        assert!(!value.contains('<'), "{value}");
        // XML 1.0, 3.3.3: blanks in attributes are spaces unless written as references
        let value = value.replace(['\t', '\n', '\r'], " ");
        found.attributes.push((attribute, references(&value)));
        rest = after;
    }
    loop {
        let (text, _) = rest.split_once('<').expect("an end of the element");
        // 2.11: ends of lines
        let plain = text.replace("\r\n", "\n").replace('\r', "\n");
        found.text.push_str(&references(&plain));
        rest = &rest[text.len()..];
        if let Some(after) = rest.strip_prefix("</") {
            let (ended, after) = name(after);
            assert_eq!(ended, found.name);
            return (found, after.strip_prefix('>').expect("an end"));
        }
        let (child, after) = element(rest);
        found.children.push(child);
        rest = after;
    }
}

fn name(xml: &str) -> (String, &str) {
    let end = xml.find(|c: char| !c.is_ascii_alphanumeric() && !"_:-".contains(c));
    let (name, rest) = xml.split_at(end.expect("an end of the name"));
    assert!(!name.is_empty(), "{xml}");
    (name.to_owned(), rest)
}

fn references(text: &str) -> String {
    let mut pieces = text.split('&');
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (reference, after) = piece.split_once(';').expect("a reference");
        let code = |digits: &str, radix| u32::from_str_radix(digits, radix).ok();
        let c = match reference {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => reference
                .strip_prefix("#x")
                .and_then(|digits| code(digits, 16))
                .or_else(|| {
                    reference
                        .strip_prefix('#')
                        .and_then(|digits| code(digits, 10))
                })
                .and_then(char::from_u32)
                .expect("a known reference"),
        };
        out.push(c);
        out.push_str(after);
    }
    out
}
