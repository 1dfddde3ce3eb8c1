//! XML as a tree, as far as it is needed to put one document into another: elements in their order, with
//! attributes and text as they are written. Comments are left out.

use quick_xml::Reader;
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

/// How deep a document may be.
const DEEPEST: usize = 32;

/// An element. Its texts are escaped.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Element {
    /// With its prefix.
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

impl Element {
    /// Reads a document.
    ///
    /// # Errors
    /// Why it is none, for people.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut reader = Reader::from_str(text);
        let mut open: Vec<Self> = Vec::new();
        let mut root = None;
        loop {
            let event = reader.read_event().map_err(|error| error.to_string())?;
            let ended = match event {
                Event::Start(start) => {
                    if root.is_some() || open.len() == DEEPEST {
                        return Err("it is not one element, or too deep".to_owned());
                    }
                    open.push(Self::begin(&start)?);
                    None
                }
                Event::Empty(start) => Some(Self::begin(&start)?),
                Event::End(_) => open.pop(),
                Event::Text(text) => {
                    add_text(&mut open, &text.into_inner())?;
                    None
                }
                Event::GeneralRef(reference) => {
                    add_text(&mut open, &format!("&{};", &*reference))?;
                    None
                }
                Event::CData(text) => {
                    let escaped = text.escape().map_err(|error| error.to_string())?;
                    add_text(&mut open, &escaped.into_inner())?;
                    None
                }
                Event::Comment(_) | Event::Decl(_) => None,
                Event::PI(_) | Event::DocType(_) => {
                    return Err("it has a document type or a processing instruction".to_owned());
                }
                Event::Eof => break,
            };
            if let Some(ended) = ended {
                match open.last_mut() {
                    Some(parent) => parent.children.push(ended),
                    None if root.is_none() => root = Some(ended),
                    None => return Err("it is more than one element".to_owned()),
                }
            }
        }
        match root {
            Some(root) if open.is_empty() => Ok(root),
            _ => Err("it ends before its element does".to_owned()),
        }
    }

    fn begin(start: &BytesStart<'_>) -> Result<Self, String> {
        let mut attributes = Vec::new();
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|error| error.to_string())?;
            let value = attribute.value.into_owned();
            unescape(&value).map_err(|error| error.to_string())?;
            attributes.push((attribute.key.as_ref().to_owned(), value));
        }
        Ok(Self {
            name: start.name().as_ref().to_owned(),
            attributes,
            ..Self::default()
        })
    }

    /// The attribute `name`.
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| value.as_str())
    }

    /// The first child of that name.
    pub(crate) fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|child| child.name == name)
    }

    /// As text.
    pub(crate) fn write(&self) -> String {
        let mut out = String::new();
        self.write_to(&mut out);
        out
    }

    fn write_to(&self, out: &mut String) {
        out.push('<');
        out.push_str(&self.name);
        for (name, value) in &self.attributes {
            // a value may have stood in either kind of quotes
            let value = value.replace('"', "&quot;");
            out.extend([" ", name, "=\"", &value, "\""]);
        }
        if self.text.is_empty() && self.children.is_empty() {
            out.push_str("/>");
            return;
        }
        out.push('>');
        out.push_str(&self.text);
        for child in &self.children {
            child.write_to(out);
        }
        out.extend(["</", &self.name, ">"]);
    }
}

/// Adds `escaped` to the innermost element that is open; between elements it is only space.
fn add_text(open: &mut [Element], escaped: &str) -> Result<(), String> {
    unescape(escaped).map_err(|error| error.to_string())?;
    match open.last_mut() {
        Some(element) if !escaped.trim().is_empty() || !element.text.is_empty() => {
            element.text.push_str(escaped);
        }
        None if !escaped.trim().is_empty() => return Err("there is text around it".to_owned()),
        _ => {}
    }
    Ok(())
}

#[cfg(test)]
mod tests;
