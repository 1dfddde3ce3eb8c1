//! `VAR_X` placeholders, Tera templates, and the YAML that goes into them.
//!
//! A [`TemplateDirectory`] finds a [`Template`] by driver and name; [`Template::render`] fills it
//! in. Whatever the values hold, the result has the template's structure: values enter the parsed
//! tree, never the text, and one emitter writes the tree for Salt's `PyYAML` and Jinja.
//!
//! | file | concern |
//! |---|---|
//! | `yaml` | one value on one line that `PyYAML` and Jinja leave alone |
//! | `block` | a tree as block YAML |
//! | `tree` | YAML text to a tree |
//! | `yaml_1_1` | plain words that `PyYAML` reads otherwise than this program |
//! | `placeholders` | `VAR_X` |
//! | `tera_template` | `{{ … }}` |
//! | `directory` | where templates come from |

mod block;
mod directory;
#[cfg(fuzzing)]
#[path = "../../fuzz/inside/template.rs"]
pub(crate) mod fuzzing;
mod placeholders;
mod tera_template;
mod tree;
mod yaml;
mod yaml_1_1;

pub(crate) use block::to_yaml_block;
pub(crate) use directory::Template;
pub use directory::TemplateDirectory;
pub(crate) use placeholders::placeholders;
pub(crate) use tree::{check_brackets, parse_yaml, parse_yaml_documents};
pub(crate) use yaml::to_yaml_flow;
pub(crate) use yaml::to_yaml_flow_ascii;
pub(crate) use yaml_1_1::find_ambiguous;
pub(crate) use yaml_1_1::find_ambiguous_in_flow;
