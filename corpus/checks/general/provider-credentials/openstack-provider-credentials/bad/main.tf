provider "openstack" {
  auth_url = "https://keystone.example.com:5000/v3"
  password = "tiger-1234"
}
