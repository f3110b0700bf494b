//! Values of the domain that are stored by their names.

use sea_orm::sea_query::{
    ArrayType, ColumnType, Nullable, StringLen, Value, ValueType, ValueTypeErr,
};
use sea_orm::{ColIdx, DbErr, QueryResult, TryGetError, TryGetable};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::domain::asset::{Area, Kind, Type};
use crate::domain::environment::Environment;

macro_rules! stored_by_name {
    ($($type:ty),+ $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Self {
                value.name().into()
            }
        }

        impl TryGetable for $type {
            fn try_get_by<I: ColIdx>(row: &QueryResult, column: I) -> Result<Self, TryGetError> {
                let name = String::try_get_by(row, column)?;
                let unknown = || DbErr::Type(format!("{name:?} is no {}", stringify!($type)));
                Self::named(&name).ok_or_else(|| TryGetError::DbErr(unknown()))
            }
        }

        impl ValueType for $type {
            fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
                let name = <String as ValueType>::try_from(value)?;
                Self::named(&name).ok_or(ValueTypeErr)
            }

            fn type_name() -> String {
                stringify!($type).into()
            }

            fn array_type() -> ArrayType {
                ArrayType::String
            }

            fn column_type() -> ColumnType {
                ColumnType::String(StringLen::None)
            }
        }

        impl Nullable for $type {
            fn null() -> Value {
                Value::String(None)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.serialize_str(self.name())
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let name = String::deserialize(from)?;
                Self::named(&name).ok_or_else(|| serde::de::Error::custom("unknown name"))
            }
        }
    )+};
}

stored_by_name!(Area, Environment, Kind, Type);
