"""What bin/dev, bin/serve and bin/test are made of: private services, and the processes of the site."""
