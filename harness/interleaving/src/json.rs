//! Values as JSON, written and read.
//!
//! Not by serde_json, although it can do all of this: it lets a `u8` be compared with a JSON value, in every crate that it is linked
//! to. A learner's `assert_eq!(bytes, [])` would no longer compile, since there would be two things that `[]` may be a list of. What
//! is linked to a learner's tests must not do such things, and tinyjson does not.

use std::collections::BTreeMap;
use tinyjson::JsonValue;

/// A JSON value that was read.
pub type Value = JsonValue;

/// What can be written as JSON, and read again.
pub trait Json: Sized {
    /// Appends it to `out`.
    fn write(&self, out: &mut String);

    /// Reads it. `None` if `value` is something else.
    fn read(value: &Value) -> Option<Self>;
}

/// Reads a whole text.
///
/// # Errors
/// What is wrong with it.
pub fn parse(text: &str) -> Result<Value, String> {
    text.parse().map_err(|error: tinyjson::JsonParseError| error.to_string())
}

/// The value of an object's field; what is not there is null.
pub fn field<T: Json>(object: &Value, name: &str) -> Option<T> {
    let object: &std::collections::HashMap<String, Value> = object.get()?;
    T::read(object.get(name).unwrap_or(&Value::Null))
}

/// Writes and reads a struct as an object with these fields, in this order.
#[macro_export]
macro_rules! json_object {
    ($type:ty { $($field:ident),+ $(,)? }) => {
        impl $crate::json::Json for $type {
            fn write(&self, out: &mut String) {
                let mut gap = '{';
                $(
                    out.push(gap);
                    gap = ',';
                    out.push_str(concat!("\"", stringify!($field), "\":"));
                    $crate::json::Json::write(&self.$field, out);
                )+
                let _ = gap;
                out.push('}');
            }

            fn read(value: &$crate::json::Value) -> Option<Self> {
                Some(Self { $($field: $crate::json::field(value, stringify!($field))?),+ })
            }
        }
    };
}

/// Whole numbers: JSON has others too, but nothing here needs them.
macro_rules! numbers {
    ($($number:ty),+) => {$(
        impl Json for $number {
            fn write(&self, out: &mut String) {
                out.push_str(&self.to_string());
            }

            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is compared afterwards")]
            fn read(value: &Value) -> Option<Self> {
                let number: f64 = *value.get()?;
                let whole = number as $number;
                (whole as f64 == number).then_some(whole)
            }
        }
    )+};
}

numbers!(u32, usize);

impl Json for bool {
    fn write(&self, out: &mut String) {
        out.push_str(if *self { "true" } else { "false" });
    }

    fn read(value: &Value) -> Option<Self> {
        value.get().copied()
    }
}

impl Json for String {
    fn write(&self, out: &mut String) {
        // A string has no number that JSON cannot write, which is all that may go wrong.
        out.push_str(&Value::String(self.clone()).stringify().unwrap_or_default());
    }

    fn read(value: &Value) -> Option<Self> {
        value.get().cloned()
    }
}

impl<T: Json> Json for Option<T> {
    fn write(&self, out: &mut String) {
        match self {
            Some(value) => value.write(out),
            None => out.push_str("null"),
        }
    }

    fn read(value: &Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::read(value).map(Some) }
    }
}

impl<T: Json> Json for Vec<T> {
    fn write(&self, out: &mut String) {
        out.push('[');
        for (index, value) in self.iter().enumerate() {
            out.push_str(if index > 0 { "," } else { "" });
            value.write(out);
        }
        out.push(']');
    }

    fn read(value: &Value) -> Option<Self> {
        value.get::<Vec<Value>>()?.iter().map(T::read).collect()
    }
}

impl<A: Json, B: Json> Json for (A, B) {
    fn write(&self, out: &mut String) {
        out.push('[');
        self.0.write(out);
        out.push(',');
        self.1.write(out);
        out.push(']');
    }

    fn read(value: &Value) -> Option<Self> {
        match value.get::<Vec<Value>>()?.as_slice() {
            [first, second] => Some((A::read(first)?, B::read(second)?)),
            _ => None,
        }
    }
}

impl<T: Json> Json for BTreeMap<String, T> {
    fn write(&self, out: &mut String) {
        let mut gap = '{';
        for (name, value) in self {
            out.push(gap);
            gap = ',';
            name.write(out);
            out.push(':');
            value.write(out);
        }
        out.push_str(if self.is_empty() { "{}" } else { "}" });
    }

    fn read(value: &Value) -> Option<Self> {
        let object: &std::collections::HashMap<String, Value> = value.get()?;
        object.iter().map(|(name, value)| Some((name.clone(), T::read(value)?))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_and_back<T: Json + PartialEq + std::fmt::Debug>(value: T, text: &str) {
        let mut out = String::new();
        value.write(&mut out);
        assert_eq!(out, text);
        assert_eq!(T::read(&parse(&out).unwrap()), Some(value));
    }

    #[test]
    fn what_is_written_is_read() {
        there_and_back(vec![(1_usize, Some(true)), (2, None)], "[[1,true],[2,null]]");
        there_and_back("a \"quote\", a\nline, a \u{1b} and 名前".to_owned(), "\"a \\\"quote\\\", a\\nline, a \\u001b and 名前\"");
        there_and_back(BTreeMap::from([("b".to_owned(), 1_usize), ("c".to_owned(), 2)]), "{\"b\":1,\"c\":2}");
        there_and_back(BTreeMap::<String, usize>::new(), "{}");
    }

    #[test]
    fn what_is_something_else_is_not_read() {
        assert_eq!(usize::read(&parse("-1").unwrap()), None);
        assert_eq!(usize::read(&parse("1.5").unwrap()), None);
        assert_eq!(Vec::<bool>::read(&parse("[true, 1]").unwrap()), None);
        assert_eq!(<(usize, usize)>::read(&parse("[1, 2, 3]").unwrap()), None);
        assert!(parse("{").is_err());
    }
}
