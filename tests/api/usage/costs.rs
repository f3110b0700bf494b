//! What of a bill is whose.

use precinct::pb;
use precinct::pb::{CostFormat, ErrorReason};
use tonic::Code;

use crate::on_both;
use crate::support::access::built_in;
use crate::support::actor::{Actor, ok};
use crate::support::status::{assert_refused, fields};
use crate::support::usage::{bill, today};

/// Name, person-days and amount of each share.
async fn shares(ada: &Actor, amount: &str) -> Vec<(String, String, String)> {
    let split = ok(ada.try_allocate(bill(amount), CostFormat::Data).await);
    assert_eq!((split.counted_days, split.csv.as_str()), (1, ""));
    let shares = split.shares.into_iter();
    shares.map(|one| (one.display_name, one.person_days, one.amount)).collect()
}

fn line(name: &str, person_days: &str, amount: &str) -> (String, String, String) {
    (name.into(), person_days.into(), amount.into())
}

on_both! {
    /// K-05: P1 10 people {A, B}, P2 5 {A}, bill 150.00: A 100.00, B 50.00. Whoever sees all partitions pays where nobody
    /// is bound.
    async fn k_05_a_bill_is_split_by_people(app) {
        let acme = app.tenant("acme").await;
        let (ada, all) = (acme.admin(), &acme.default_workspace);
        let (p1, p2, free) =
            (ada.partition("P1").await, ada.partition("P2").await, ada.partition("Free").await);
        let a = ada.workspace("A", &[&p1, &p2]).await;
        let b = ada.workspace("=B, \"Inc\"", &[&p1]).await;
        ada.fill(all, &p1, 0..10).await;
        ada.fill(all, &p2, 10..15).await;
        let told = [line("A", "10.0000", "100.00"), line("=B, \"Inc\"", "5.0000", "50.00")];
        assert_eq!(shares(&ada, "150.00").await, told);
        let costs = pb::Bill { currency_code: "EUR".into(), ..bill("150.00") };
        let table = ok(ada.try_allocate(costs, CostFormat::Csv).await);
        assert_eq!(table.shares, []);
        let rows = [
            "workspace_id,workspace,person_days,amount,currency_code".to_owned(),
            format!("{a},A,10.0000,100.00,EUR"),
            format!("{b},\"'=B, \"\"Inc\"\"\",5.0000,50.00,EUR\r\n"),
        ];
        assert_eq!(table.csv, rows.join("\r\n"));
        ada.fill(all, &free, 15..20).await;
        let told = [
            line("Default", "5.0000", "0.01"),
            line("A", "10.0000", "0.01"),
            line("=B, \"Inc\"", "5.0000", "0.00"),
        ];
        // Two cents of 0.50, 1 and 0.50: the first by id has the one that is left.
        assert_eq!(shares(&ada, "0.02").await, told);
    }

    /// K-05: days that are over weigh as they stood, and days before anybody was counted do not.
    async fn k_05_a_bill_is_split_by_days(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let whole = pb::Bill { from: today().plus(-30).to_string(), ..bill("10") };
        let empty = ok(ada.try_allocate(whole.clone(), CostFormat::Data).await);
        let told = pb::CostShare { person_days: "0.0000".into(), amount: "10".into(), ..Default::default() };
        assert_eq!((empty.counted_days, empty.shares), (0, vec![told]));
        ada.fill(&acme.default_workspace, &acme.default_partition, 0..3).await;
        let split = ok(ada.try_allocate(whole, CostFormat::Data).await);
        assert_eq!((split.counted_days, split.shares.len()), (1, 1));
    }

    /// K-05: bills are the tenant's, and every violated field is named.
    async fn k_05_bills_are_checked(app) {
        let acme = app.tenant("acme").await;
        let ada = acme.admin();
        let wrong = pb::Bill {
            amount: "-1".into(),
            currency_code: "eur".into(),
            from: "2024-01-02".into(),
            to: "2024-01-01".into(),
        };
        let request = pb::AllocateCostsRequest { bill: Some(wrong), format: 9 };
        let refused = ada.usages().allocate_costs(request).await;
        let refused = assert_refused(refused, Code::InvalidArgument, ErrorReason::InvalidField);
        let named = ["bill.currency_code", "format", "bill.amount", "bill.from"];
        assert_eq!(fields(&refused), named);
        let none = ada.usages().allocate_costs(pb::AllocateCostsRequest::default()).await;
        let refused = assert_refused(none, Code::InvalidArgument, ErrorReason::InvalidField);
        assert_eq!(fields(&refused), ["bill"]);
        ada.grant("user:bob", &built_in("Workspace admin"), &acme.default_workspace).await;
        let refused = acme.user("bob").try_allocate(bill("1"), CostFormat::Data).await;
        assert_refused(refused, Code::PermissionDenied, ErrorReason::PermissionRequired);
    }
}
