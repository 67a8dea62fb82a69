resource "kubernetes_pod_security_policy" "restricted" {
  metadata {
    name = "restricted"
  }

  spec {
    required_drop_capabilities = ["ALL"]

    fs_group {
      rule = "RunAsAny"
    }

    supplemental_groups {
      rule = "RunAsAny"
    }
  }
}
