provider "openstack" {
  auth_url                      = "https://keystone.example.com:5000/v3"
  application_credential_secret = "8f0zz3q7m2kd91xx"
}
